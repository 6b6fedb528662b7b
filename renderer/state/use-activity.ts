/** What AI clients have asked, asked for anew whenever the broker says that there is more. */
import type { ActivityReply } from '../../shared/contract/activity.ts';
import type { ControlClient } from '../../shared/contract/client.ts';
import type { RouteBody } from '../../shared/contract/routes.ts';
import { type Asked, useAsked } from './use-asked.ts';
import { useSnapshot } from './use-snapshot.ts';

const ask = (client: ControlClient, wish: RouteBody<'activity'>) => client.activity(wish);

/** `wish` should stay the same object while the same is wished for. */
export const useActivity = (wish: RouteBody<'activity'>): Asked<ActivityReply> =>
  useAsked(ask, wish, String(useSnapshot().activity?.revision));
