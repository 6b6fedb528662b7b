/** Beneath the servers: what will happen to their sign-ins, and renewing them all without waiting for it. */
import { Disclosure } from '../../components/disclosure.tsx';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { ForecastList } from './forecast-list.tsx';
import { RenewAll } from './renew-all.tsx';

export const Ahead = () => {
  const { servers, vault } = useSnapshot();
  // While the vault is closed nobody can tell.
  if (servers.length === 0 || vault.state === 'closed') return null;
  return (
    <section className="ahead" aria-label={strings.ahead.title}>
      <Disclosure words={strings.ahead.title}>{() => <ForecastList />}</Disclosure>
      <RenewAll />
    </section>
  );
};
