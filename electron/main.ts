/** The desktop program: the shell over the real broker. */
import os from 'node:os';
import {
  dataFolderOf,
  reachBroker,
  rememberLaunch,
  startBroker,
  windowFiles,
} from '../broker/broker.ts';
import { builtPaths } from './paths.ts';
import { startShell } from './shell.ts';
import { electronUpdater } from './updates/electron-updater.ts';

void startShell({
  startBroker,
  reachBroker,
  rememberLaunch,
  windowFiles,
  dataFolder: dataFolderOf(process.env, process.platform, os.homedir()),
  paths: builtPaths(import.meta.dirname),
  updater: electronUpdater(),
});
