/** What a process beside the broker's needs of it, and what loads in a moment: most commands never start a broker. */
export { reachBroker } from './control/reach-broker.ts';
export { dataFolderOf } from './storage/data-folder.ts';
export { systemClock } from './system-clock.ts';
export { keychainOver } from './vault/keychain-process.ts';
