/** Beneath the servers: which AI client has asked what of which of them, and what became of it. */
import { Disclosure } from '../../components/disclosure.tsx';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { ActivityLog } from './activity-log.tsx';
import { BeginCapture } from './begin-capture.tsx';

export const Activity = () => {
  const { servers, activity } = useSnapshot();
  const words = strings.activity;
  if (!servers.some(({ kind }) => kind !== 'identity-provider')) return null;
  return (
    <section className="activity" aria-label={words.title}>
      <Disclosure words={words.title}>
        {() =>
          activity === undefined ? (
            <>
              <p className="card activity-none muted">{words.never}</p>
              <BeginCapture />
            </>
          ) : (
            <ActivityLog />
          )
        }
      </Disclosure>
    </section>
  );
};
