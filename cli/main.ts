/** The `drawbridge` command: finds the command asked for, runs it, and ends with a code that says how it went. */
import { homedir } from 'node:os';
import { parseArgs } from 'node:util';
import { reachBroker } from '../broker/control/reach-broker.ts';
import { dataFolderOf } from '../broker/storage/data-folder.ts';
import { createControlClient } from '../shared/contract/client.ts';
import { ProblemError, toProblem } from '../shared/contract/problems.ts';
import { type Command, commonOptions, Interrupted, Told } from './command.ts';
import { addAccount, defaultAccount, removeAccount } from './commands/accounts.ts';
import { activity } from './commands/activity.ts';
import { add } from './commands/add.ts';
import { addIdentityProvider } from './commands/add-identity-provider.ts';
import { addLocal, setSecret } from './commands/add-local.ts';
import { approvals, approve, deny } from './commands/approvals.ts';
import { call } from './commands/call.ts';
import { capture } from './commands/capture.ts';
import { configure } from './commands/configure.ts';
import { connect } from './commands/connect.ts';
import { doctor } from './commands/doctor.ts';
import { door } from './commands/door.ts';
import { exportFile } from './commands/export.ts';
import { facts } from './commands/facts.ts';
import { forecast } from './commands/forecast.ts';
import { importFile } from './commands/import.ts';
import { keys, revokeKey } from './commands/keys.ts';
import { list } from './commands/list.ts';
import { open } from './commands/open.ts';
import { pause, resume } from './commands/pause.ts';
import { remove } from './commands/remove.ts';
import { rename } from './commands/rename.ts';
import { renew } from './commands/renew.ts';
import { addRule, removeRule, rules } from './commands/rules.ts';
import { removeSecret, secret, secrets } from './commands/secrets.ts';
import { selftest } from './commands/selftest.ts';
import { serve } from './commands/serve.ts';
import { service } from './commands/service.ts';
import { settings } from './commands/settings.ts';
import { signIn } from './commands/sign-in.ts';
import { signOut } from './commands/sign-out.ts';
import { stdio } from './commands/stdio.ts';
import { stop } from './commands/stop.ts';
import { token } from './commands/token.ts';
import { tools } from './commands/tools.ts';
import { vault } from './commands/vault.ts';
import { wipe } from './commands/wipe.ts';
import { exitCodeFor, exitCodes, exitCodesHelp } from './exit-codes.ts';
import { takeFromEnvironment } from './passphrase.ts';
import { createTerminal } from './terminal.ts';
import { version } from './version.ts';

const commands: Readonly<Record<string, Command>> = {
  serve,
  service,
  stop,
  open,
  add,
  'add-local': addLocal,
  'set-secret': setSecret,
  list,
  status: list,
  'sign-in': signIn,
  'sign-out': signOut,
  renew,
  facts,
  tools,
  call,
  forecast,
  activity,
  capture,
  pause,
  resume,
  rename,
  remove,
  'add-account': addAccount,
  'remove-account': removeAccount,
  'default-account': defaultAccount,
  configure,
  'add-identity-provider': addIdentityProvider,
  secret,
  secrets,
  'remove-secret': removeSecret,
  doctor,
  selftest,
  settings,
  import: importFile,
  export: exportFile,
  connect,
  keys,
  'revoke-key': revokeKey,
  door,
  rules,
  'add-rule': addRule,
  'remove-rule': removeRule,
  approvals,
  approve,
  deny,
  token,
  vault,
  wipe,
  stdio,
};

const main = async (args: readonly string[]): Promise<number> => {
  // Before anything else: no process that is started from here may be handed it.
  const passphraseInEnvironment = takeFromEnvironment(process.env);
  const [name = '', ...rest] = args;
  if (name === '' || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(`${overview()}\n`);
    return exitCodes.ok;
  }
  if (name === '--version') {
    process.stdout.write(`${version()}\n`);
    return exitCodes.ok;
  }
  const terminal = createTerminal(rest.includes('--json'));
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined)
      throw usageError(`there is no command ${JSON.stringify(name)}`, 'drawbridge --help');
    const { values, positionals } = parse(command, rest);
    if (values['help'] === true) {
      process.stdout.write(`${helpFor(command)}\n`);
      return exitCodes.ok;
    }
    const [least, most] = command.words;
    if (positionals.length < least || positionals.length > most) {
      throw usageError(`usage: drawbridge ${command.usage}`, `drawbridge ${name} --help`);
    }
    const dataFolder = dataFolderOf(process.env, process.platform, homedir());
    await command.run({
      words: positionals,
      flag: (option) => values[option] === true,
      option: (option) => {
        const value = values[option];
        return typeof value === 'string' ? value : undefined;
      },
      options: (option) => {
        const value = values[option];
        return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
      },
      terminal,
      control: async () => createControlClient(await reachBroker(dataFolder, 'terminal')),
      dataFolder,
      passphraseInEnvironment,
    });
    return exitCodes.ok;
  } catch (error) {
    const problem = toProblem(error);
    if (error instanceof Told) terminal.warn(problem);
    else terminal.problem(problem);
    return error instanceof Interrupted ? exitCodes.interrupted : exitCodeFor(problem.code);
  }
};

interface Parsed {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

const parse = (command: Command, args: readonly string[]): Parsed => {
  try {
    return parseArgs({
      args: [...args],
      options: { ...command.options, ...commonOptions },
      allowPositionals: true,
    });
  } catch (error) {
    throw usageError(whatIsWrong(error), `drawbridge ${command.usage.split(' ')[0]} --help`);
  }
};

/** Node's own words, but for the commonest mistake: they go on about positional arguments. */
const whatIsWrong = (error: unknown): string => {
  if (!(error instanceof Error)) return 'an option that is not known';
  const [, unknown] = /^Unknown option '([^']*)'/.exec(error.message) ?? [];
  return unknown === undefined ? error.message : `there is no option ${unknown}`;
};

const usageError = (message: string, hint: string): ProblemError =>
  new ProblemError('bad-usage', message, { hint });

const overview = (): string => {
  const shown = Object.entries(commands).filter(([name]) => name !== 'status');
  const width = Math.max(...shown.map(([, { usage }]) => usage.length)) + 2;
  const row = (left: string, right: string): string => `  ${left.padEnd(width)}${right}`;
  return [
    'drawbridge: one sign-in per MCP server; every AI client on the machine stays connected',
    '',
    'Usage: drawbridge <command> [options]',
    '',
    ...shown.map(([, { usage, summary }]) => row(usage, summary)),
    '',
    'Options of every command',
    row('--json', 'facts as JSON on stdout'),
    row('--help', 'what a command does and takes'),
    '',
    'DRAWBRIDGE_DATA_DIR moves everything Drawbridge keeps.',
    '',
    exitCodesHelp,
  ].join('\n');
};

const helpFor = (command: Command): string =>
  [
    `Usage: drawbridge ${command.usage} [options]`,
    '',
    command.summary,
    ...command.help,
    '',
    exitCodesHelp,
  ].join('\n');

process.exitCode = await main(process.argv.slice(2));
