/** Places in the window, for those who open it from outside: as they stand in the fragment of its address. */
import type { ServerId } from './contract/ids.ts';

export const placeOfServer = (server: ServerId): string => `#/servers/${server}`;
