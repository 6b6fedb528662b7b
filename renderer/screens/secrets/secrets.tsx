/** The secrets that credentials name, those that are not there among them. */
import { useRef } from 'react';
import { ProblemNote } from '../../components/note.tsx';
import { Section } from '../../components/section.tsx';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { strings } from '../../strings.ts';
import { namesIn } from '../credential/secret-draft.ts';
import { OneSecret } from './one-secret.tsx';
import { useSecretNames } from './use-secret-names.ts';

export const Secrets = () => {
  const { servers } = useSnapshot();
  const words = strings.credential.secrets;
  // Only servers of this kind can name one.
  if (!servers.some(({ kind }) => kind === 'mcp')) return null;
  return (
    <Section title={words.title}>
      <Shown />
    </Section>
  );
};

const Shown = () => {
  const { servers, vault } = useSnapshot();
  const named = servers.map(({ title, source, command }) => ({
    title,
    names: namesIn([source, command?.env]),
  }));
  const wanted = named.flatMap((server) => [...server.names]);
  const { names, problem, again } = useSecretNames(wanted.join());
  const about = useRef<HTMLParagraphElement>(null);
  const words = strings.credential.secrets;
  const say = (text: string) => <p className="secrets-small muted">{text}</p>;
  if (vault.state === 'closed') return say(words.closed);
  if (problem !== undefined) return <ProblemNote problem={problem} urgent />;
  if (names === undefined) return say(words.loading);
  const all = new Set([...names, ...wanted]);
  return (
    <>
      <p className="secrets-small muted" ref={about} tabIndex={-1}>
        {words.about}
      </p>
      {all.size === 0 ? (
        say(words.none)
      ) : (
        <ul className="card" aria-label={words.title}>
          {[...all].toSorted().map((name) => (
            <OneSecret
              key={name}
              name={name}
              isThere={names.includes(name)}
              users={named.filter((server) => server.names.has(name)).map(({ title }) => title)}
              onChanged={again}
              onGone={() => about.current?.focus()}
            />
          ))}
        </ul>
      )}
    </>
  );
};
