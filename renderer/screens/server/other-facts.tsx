/** The facts of accounts that nobody signs in to: a credential, a program, or nothing at all. */
import type { AccountFacts } from '../../../shared/contract/account-facts.ts';
import { ProblemNote } from '../../components/note.tsx';
import { serverStrings } from '../../strings/server.ts';
import { Fact, FactCard, hasMoment, Moment } from './fact-list.tsx';

type Of<K extends AccountFacts['kind']> = { readonly facts: Extract<AccountFacts, { kind: K }> };

const words = serverStrings.facts;

export const OpenFacts = () => <p className="card server-none muted">{words.open}</p>;

export const SourceFacts = ({ facts }: Of<'source'>) => {
  const { getting, gotAt, expiresAt, renewsAt, problem } = facts;
  return (
    <FactCard title={words.source.title}>
      {getting && <p className="muted">{words.times.getting}</p>}
      {gotAt === undefined && !getting && <p className="muted">{words.times.nothing}</p>}
      <dl className="facts">
        <Fact name={words.times.got}>{hasMoment(gotAt) && <Moment at={gotAt} />}</Fact>
        <Fact name={words.times.expires}>{hasMoment(expiresAt) && <Moment at={expiresAt} />}</Fact>
        <Fact name={words.times.renews}>{hasMoment(renewsAt) && <Moment at={renewsAt} />}</Fact>
      </dl>
      {problem !== undefined && <ProblemNote problem={problem} />}
    </FactCard>
  );
};

export const LocalFacts = ({ facts: { processes, secrets, problem } }: Of<'local'>) => {
  const { program } = words;
  return (
    <FactCard title={program.title}>
      <dl className="facts">
        <Fact name={program.processes}>{program.ways[processes]}</Fact>
        <Fact name={program.secrets}>
          {secrets === undefined
            ? program.closed
            : secrets.length > 0 && (
                <ul>
                  {secrets.map(({ name, isKept }) => (
                    <li key={name}>
                      <code>{name}</code>{' '}
                      <span className={isKept ? 'muted' : 'account-warning'}>
                        {isKept ? program.kept : program.missing}
                      </span>
                    </li>
                  ))}
                </ul>
              )}
        </Fact>
      </dl>
      {problem !== undefined && <ProblemNote problem={problem} />}
    </FactCard>
  );
};
