/** The secrets that credentials name, those that are not there among them. */
import { useRef } from 'react';
import { secretsNamedBy } from '../../../shared/secrets-named.ts';
import { ProblemNote } from '../../components/note.tsx';
import { Section } from '../../components/section.tsx';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { credentialStrings } from '../../strings/credential.ts';
import { OneSecret } from './one-secret.tsx';
import { useSecretNames } from './use-secret-names.ts';

export const Secrets = () => {
  const { servers } = useSnapshot();
  const words = credentialStrings.secrets;
  // An identity provider by itself rarely names one.
  if (servers.every((one) => one.kind === 'identity-provider' && secretsNamedBy(one).length === 0))
    return null;
  return (
    <Section title={words.title}>
      <Shown />
    </Section>
  );
};

const Shown = () => {
  const { servers, vault } = useSnapshot();
  const words = credentialStrings.secrets;
  const named = servers.map((server) => ({ title: server.title, names: secretsNamedBy(server) }));
  const ofServers = named.flatMap((server) => server.names);
  const { names, ofDoor, problem, again } = useSecretNames(ofServers.join());
  const users = [...named, { title: words.door, names: ofDoor }];
  const wanted = users.flatMap((user) => user.names);
  const about = useRef<HTMLParagraphElement>(null);
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
              users={users.filter((user) => user.names.includes(name)).map(({ title }) => title)}
              onChanged={again}
              onGone={() => about.current?.focus()}
            />
          ))}
        </ul>
      )}
    </>
  );
};
