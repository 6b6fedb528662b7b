/** What the routes do that keep what is said in requests. */
import type { ActivityReply } from '../../shared/contract/activity.ts';
import type { Registry } from '../servers/registry.ts';
import type { Capture } from '../state/capture.ts';
import type { Bindings } from './handler.ts';

type CaptureRoutes = 'startCapture' | 'stopCapture' | 'captured' | 'allCaptured' | 'forgetCaptured';

export const captureBindings = ({
  capture,
  registry,
}: {
  readonly capture: Capture;
  readonly registry: Pick<Registry, 'get'>;
}): Pick<Bindings, CaptureRoutes> => ({
  startCapture: (_params, wish) => {
    // A slip in the name must not look like a server of which nothing is said.
    if (wish.server !== undefined) registry.get(wish.server);
    capture.start(wish);
    return {};
  },
  stopCapture: (_params, { server }) => {
    capture.stop(server);
    return {};
  },
  captured: (_params, { id }) => capture.get(id),
  allCaptured: () => ({ captured: capture.all() }),
  forgetCaptured: () => {
    capture.clear();
    return {};
  },
});

/** A reply that says of which requests there is more to see. */
export const withCaptured = (
  reply: ActivityReply,
  capture: Pick<Capture, 'idsAmong'>,
): ActivityReply => {
  const captured = capture.idsAmong(reply.entries);
  return captured.length === 0 ? reply : { ...reply, captured };
};
