/** What will happen to the sign-ins, and renewing them all without waiting for it. */
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { ForecastList } from './forecast-list.tsx';
import { RenewAll } from './renew-all.tsx';

export const ForecastScreen = () => {
  const { vault } = useSnapshot();
  const words = strings.forecast;
  return (
    <main className="forecast-screen">
      <h2 className="screen-title" tabIndex={-1}>
        {words.title}
      </h2>
      {vault.state === 'closed' ? (
        <p className="card forecast-none muted">{words.closed}</p>
      ) : (
        <>
          <RenewAll />
          <ForecastList />
        </>
      )}
    </main>
  );
};
