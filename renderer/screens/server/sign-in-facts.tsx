/** The facts of one sign-in: who, when, for what, with which tokens, found where, and what its server was allowed. */
import { type AccountFacts, factOrigins } from '../../../shared/contract/account-facts.ts';
import { signInExceptions } from '../../../shared/contract/sign-in-settings.ts';
import { ProblemNote } from '../../components/note.tsx';
import { serverStrings } from '../../strings/server.ts';
import { strings } from '../../strings.ts';
import { capital, sentence } from '../../words.ts';
import type { LookProps } from './details-part.tsx';
import { Endpoints } from './endpoints.tsx';
import { Fact, FactCard, Found, hasMoment, Moment } from './fact-list.tsx';
import { ScopeFacts } from './scope-facts.tsx';
import { TokenFacts } from './token-facts.tsx';

export type FactsOfSignIn = Extract<AccountFacts, { kind: 'sign-in' }>;
export type Held = NonNullable<FactsOfSignIn['held']>;

const words = serverStrings.facts;

interface SignInFactsProps extends LookProps {
  readonly facts: FactsOfSignIn;
}

export const SignInFacts = ({ facts, ...looks }: SignInFactsProps) => (
  <>
    {facts.held === undefined ? (
      <p className="card server-none muted">{words.notSignedIn}</p>
    ) : (
      <>
        <Who held={facts.held} />
        <Times held={facts.held} />
        <ScopeFacts scopes={facts.held.scopes} />
        <TokenFacts held={facts.held} />
      </>
    )}
    <Endpoints facts={facts} {...looks} />
    <Exceptions facts={facts} />
  </>
);

const Who = ({ held }: { readonly held: Held }) => {
  const { issuer, client, resource, subject, label, shows } = held;
  const said = words.signIn;
  return (
    <FactCard title={said.title}>
      <dl className="facts">
        <Fact name={said.who}>{label !== undefined && <Found text={label} />}</Fact>
        <Fact name={said.subject}>
          {subject !== undefined && subject !== label && <Found text={subject} />}
        </Fact>
        <Fact name={said.issuer}>
          <Found text={issuer.url} from={capital(factOrigins[issuer.from].says)} />
        </Fact>
        <Fact name={said.client}>
          <Found
            text={client.id}
            from={capital(`${said.clientFrom[client.from]}; ${said.proves(client.authMethod)}`)}
          />
        </Fact>
        <Fact name={said.secretEnds}>
          {hasMoment(client.secretEndsAt) && <Moment at={client.secretEndsAt} />}
        </Fact>
        <Fact name={said.redirect}>
          {client.redirect !== undefined && <Found text={client.redirect} />}
        </Fact>
        <Fact name={said.resource}>
          {resource === undefined ? (
            <span className="muted">{said.noResource}</span>
          ) : (
            <Found text={resource.url} from={capital(factOrigins[resource.from].says)} />
          )}
        </Fact>
        <Fact name={said.shows}>{said.tokens[shows]}</Fact>
      </dl>
    </FactCard>
  );
};

const Times = ({ held }: { readonly held: Held }) => {
  const { obtainedAt, expiresAt, renewsAt, endsAt, renewable, hasRefreshToken, ended } = held;
  const said = words.times;
  return (
    <FactCard title={said.title}>
      <dl className="facts">
        <Fact name={said.obtained}>{hasMoment(obtainedAt) && <Moment at={obtainedAt} />}</Fact>
        <Fact name={said.expires}>{hasMoment(expiresAt) && <Moment at={expiresAt} />}</Fact>
        <Fact name={said.renews}>{hasMoment(renewsAt) && <Moment at={renewsAt} />}</Fact>
        <Fact name={said.ends}>{hasMoment(endsAt) && <Moment at={endsAt} />}</Fact>
        <Fact name={said.renewable}>{renewable ? words.yes : words.no}</Fact>
        <Fact name={said.refresh}>{hasRefreshToken ? said.kept : words.none}</Fact>
      </dl>
      {ended !== undefined && <ProblemNote problem={ended} />}
    </FactCard>
  );
};

const Exceptions = ({ facts: { exceptions } }: { readonly facts: FactsOfSignIn }) => {
  const said = words.exceptions;
  if (exceptions.length === 0) return null;
  return (
    <FactCard title={said.title}>
      <ul className="facts">
        {exceptions.map(({ exception, from, heeded }) => {
          const { breaks, risk } = signInExceptions[exception];
          return (
            <li key={exception} className="fact-row">
              <p>{strings.exceptions.it(breaks)}</p>
              <p className="fact-from">{sentence(risk)}</p>
              <p className="fact-from">{sentence(said.from[from])}</p>
              {!heeded && <p className="account-warning">{said.notHeeded}</p>}
            </li>
          );
        })}
      </ul>
    </FactCard>
  );
};
