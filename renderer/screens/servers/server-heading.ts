/** Where a server's heading is found in the page. Ids hold only letters, digits and hyphens. */
import type { ServerId } from '../../../shared/contract/ids.ts';

export const serverHeadingId = (server: ServerId): string => `server-${server}`;
