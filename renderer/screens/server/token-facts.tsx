/** What the tokens of a sign-in say of themselves: decoded for the person to read, and verified by nobody. */
import type { Claim, TokenView } from '../../../shared/contract/account-facts.ts';
import { Disclosure } from '../../components/disclosure.tsx';
import { ForeignText } from '../../components/foreign-text.tsx';
import { serverStrings } from '../../strings/server.ts';
import { clip, visibly } from '../../words.ts';
import { FactCard, hasMoment, Moment } from './fact-list.tsx';
import type { Held } from './sign-in-facts.tsx';

const words = serverStrings.facts.tokens;

export const TokenFacts = ({ held: { accessToken, idToken } }: { readonly held: Held }) => (
  <FactCard title={words.title} about={words.about}>
    <OneToken name={words.access} token={accessToken} />
    {idToken !== undefined && <OneToken name={words.id} token={idToken} />}
  </FactCard>
);

const OneToken = ({ name, token }: { readonly name: string; readonly token: TokenView }) => (
  <Disclosure words={name}>
    {token.form === 'jwt' ? (
      () => <Claims name={name} token={token} />
    ) : (
      <p className="muted">{words.form[token.form]}</p>
    )}
  </Disclosure>
);

interface ClaimsProps {
  readonly name: string;
  readonly token: Extract<TokenView, { form: 'jwt' }>;
}

const Claims = ({ name, token: { header, claims, more } }: ClaimsProps) => (
  <>
    <table className="claims">
      <caption className="unseen">{name}</caption>
      <thead>
        <tr>
          <th scope="col">{words.claim}</th>
          <th scope="col">{words.value}</th>
        </tr>
      </thead>
      <tbody>
        {(['alg', 'kid', 'typ'] as const).map((field) =>
          header[field] === undefined ? null : (
            <Row key={field} claim={{ name: field, value: header[field] }} />
          ),
        )}
        {claims.map((claim, place) => (
          // A token may name a claim twice.
          <Row key={`${place}`} claim={claim} />
        ))}
      </tbody>
    </table>
    {more > 0 && <p className="muted">{words.moreClaims(more)}</p>}
  </>
);

/** Longer ones are for machines. */
const MOST = 600;

const Row = ({ claim: { name, value, more = 0, at } }: { readonly claim: Claim }) => {
  const meaning = Object.hasOwn(words.meanings, name) ? words.meanings[name] : undefined;
  const hidden = more + Math.max(0, (value?.length ?? 0) - MOST);
  return (
    <tr>
      <th scope="row">
        <ForeignText className="fact-text" text={name} />
        {meaning !== undefined && <span className="fact-from">{meaning}</span>}
      </th>
      <td>
        {value === undefined ? (
          <span className="muted">{words.hidden}</span>
        ) : (
          <bdi className="claim-value" dir="auto">
            {visibly(clip(value, MOST))}
          </bdi>
        )}
        {hasMoment(at) && (
          <p className="fact-from">
            <Moment at={at} />
          </p>
        )}
        {hidden > 0 && <p className="fact-from">{words.more(hidden)}</p>}
      </td>
    </tr>
  );
};
