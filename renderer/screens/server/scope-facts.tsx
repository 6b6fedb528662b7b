/** What was asked for, and what of it was granted. */
import { factOrigins } from '../../../shared/contract/account-facts.ts';
import { ForeignText } from '../../components/foreign-text.tsx';
import { serverStrings } from '../../strings/server.ts';
import { capital } from '../../words.ts';
import { Fact, FactCard } from './fact-list.tsx';
import type { Held } from './sign-in-facts.tsx';

/** More of them nobody reads. */
const MOST = 60;

export const ScopeFacts = ({
  scopes: { asked, from, granted },
}: {
  readonly scopes: Held['scopes'];
}) => {
  const words = serverStrings.facts.scopes;
  const refused = granted && asked?.filter((scope) => !granted.includes(scope));
  return (
    <FactCard title={words.title}>
      <dl className="facts">
        <Fact name={words.asked}>
          {asked === undefined ? (
            <span className="muted">{words.leftToService}</span>
          ) : (
            <Scopes scopes={asked} />
          )}
          {from !== undefined && <p className="fact-from">{capital(factOrigins[from].says)}</p>}
        </Fact>
        <Fact name={words.granted}>
          {granted === undefined ? (
            <span className="muted">{words.notSaid}</span>
          ) : (
            <Scopes scopes={granted} />
          )}
        </Fact>
        <Fact name={words.refused}>
          {refused !== undefined && refused.length > 0 && <Scopes scopes={refused} />}
        </Fact>
      </dl>
    </FactCard>
  );
};

const Scopes = ({ scopes }: { readonly scopes: readonly string[] }) => {
  const words = serverStrings.facts;
  if (scopes.length === 0) return <span className="muted">{words.none}</span>;
  return (
    <ul className="scopes">
      {[...new Set(scopes)].slice(0, MOST).map((scope) => (
        <li key={scope} className="badge">
          <ForeignText text={scope} />
        </li>
      ))}
      {scopes.length > MOST && <li className="muted">{words.scopes.more(scopes.length - MOST)}</li>}
    </ul>
  );
};
