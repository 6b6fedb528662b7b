/** Each address that a sign-in goes to, and who named it; or the way to find them out. */
import { endpointNames, factOrigins } from '../../../shared/contract/account-facts.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { serverStrings } from '../../strings/server.ts';
import { capital, clip } from '../../words.ts';
import type { LookProps } from './details-part.tsx';
import { Fact, FactCard, Found } from './fact-list.tsx';
import type { FactsOfSignIn } from './sign-in-facts.tsx';

interface EndpointsProps extends LookProps {
  readonly facts: FactsOfSignIn;
}

export const Endpoints = (props: EndpointsProps) => {
  const { facts, busy, problem, onLook } = props;
  const { endpoints, lookedAt } = facts;
  const words = serverStrings.facts.endpoints;
  // A document that stands there itself is not named again under each address that was found in it.
  const listed = new Set(endpoints.map(({ url }) => url));
  return (
    <FactCard title={words.title}>
      {endpoints.length === 0 && <p className="muted">{words.unknown}</p>}
      {lookedAt !== undefined && <p className="muted">{words.looked}</p>}
      <dl className="facts">
        {endpoints.map(({ what, url, from, at }) => (
          <Fact key={what} name={begun(endpointNames[what].says)}>
            <Found text={url} from={capital(factOrigins[from].says)} />
            {at !== undefined && !listed.has(at) && (
              <p className="fact-from" dir="auto">
                {words.at(clip(at, 300))}
              </p>
            )}
          </Fact>
        ))}
      </dl>
      {(endpoints.length === 0 || lookedAt !== undefined) && (
        <div className="buttons">
          <Button busy={busy} onPress={onLook}>
            {busy ? words.looking : words.look}
          </Button>
        </div>
      )}
      {problem !== undefined && <ProblemNote problem={problem} urgent />}
    </FactCard>
  );
};

/** Our own words, also with a hyphen in them. */
const begun = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
