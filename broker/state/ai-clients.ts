/** Which AI clients there are, going by what they have asked. */
import type { ActivityEntry } from '../../shared/contract/activity.ts';
import { type AiClientUse, MOST_AI_CLIENTS } from '../../shared/contract/ai-client-use.ts';

/** What `entries`, the newest first, come to for each AI client; whoever asked last comes first. */
export const aiClientsIn = (
  entries: readonly Pick<ActivityEntry, 'aiClient' | 'at' | 'server' | 'door'>[],
): AiClientUse[] =>
  // Upper and lower case are one, as they are for rules; the newest says how it is written.
  [...Map.groupBy(entries, ({ aiClient }) => aiClient.toLowerCase()).values()]
    .slice(0, MOST_AI_CLIENTS)
    .flatMap((own) => {
      const [newest] = own;
      if (newest === undefined) return [];
      return {
        name: newest.aiClient,
        lastAt: newest.at,
        requests: own.length,
        servers: [...new Set(own.map(({ server }) => server))],
        doors: [...new Set(own.map(({ door }) => door))],
      };
    });
