/** What opens the HTTP door: keys, or on a shared host the tokens of its callers. It is changed with a command. */
import type { ReactNode } from 'react';
import type { DoorCaller, DoorVerifier, DoorView } from '../../../shared/contract/door.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { Row } from '../../components/row.tsx';
import { aiClientStrings } from '../../strings/ai-clients.ts';
import { ownSettingsStrings } from '../../strings/settings.ts';
import { capital, clip } from '../../words.ts';

export const DoorVerification = ({ view: { settings } }: { readonly view: DoorView }) => {
  const { verify } = settings;
  const words = ownSettingsStrings.door;
  return (
    <Row
      label={words.opened}
      value={verify === undefined ? words.keys : words.tokens}
      help={verify === undefined ? words.keysHelp : words.tokensHelp}
    >
      <div className="row-more">
        {verify !== undefined && (
          <Disclosure words={words.details}>
            <Facts settings={settings} verify={verify} />
          </Disclosure>
        )}
        <p className="row-help muted">
          {words.command} <code>{words.commandText}</code>{' '}
          <CopyButton kind="link" text={words.commandText} what={words.commandWhat} />
        </p>
      </div>
    </Row>
  );
};

interface FactsProps {
  readonly settings: DoorView['settings'];
  readonly verify: DoorVerifier;
}

/** As many as anybody looks through here; the command shows all of them. */
const MOST = 50;
const short = (text: string): string => clip(text, 300);

const Facts = ({ settings, verify }: FactsProps) => {
  const { callers, publicAddress, listen, proxies } = settings;
  const words = ownSettingsStrings.door.facts;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [words.by, by(verify)],
    [words.audiences, verify.audiences?.join(', ')],
    [words.scopes, verify.scopes?.join(', ')],
    [words.publicAddress, publicAddress],
    [words.listens, listen && words.at(listen.address, listen.port)],
    [words.proxies, proxies.length === 0 ? undefined : proxies.join(', ')],
  ];
  return (
    <dl className="about-facts">
      {facts.map(
        ([name, text]) => text !== undefined && <Fact key={name} name={name} text={short(text)} />,
      )}
      <Fact
        name={words.opens}
        text={
          callers.length === 0 ? (
            words.nobody
          ) : (
            <ul>
              {callers.slice(0, MOST).map((caller) => (
                <li key={JSON.stringify(caller)}>{short(capital(rowOf(caller)))}</li>
              ))}
              {callers.length > MOST && <li>{aiClientStrings.more(callers.length - MOST)}</li>}
            </ul>
          )
        }
      />
    </dl>
  );
};

const Fact = ({ name, text }: { readonly name: string; readonly text: ReactNode }) => (
  <>
    <dt>{name}</dt>
    <dd dir="auto">{text}</dd>
  </>
);

const by = (verify: DoorVerifier): string => {
  const words = ownSettingsStrings.door.facts;
  if (verify.kind === 'kubernetes') return words.kubernetes(verify.api ?? words.pod);
  if (verify.kind === 'introspection') return words.introspection(verify.issuer);
  return verify.plainJwt ? words.plainJwt(verify.issuer) : words.jwks(verify.issuer);
};

const rowOf = ({ subject, group, claim, anyone, name, servers }: DoorCaller): string => {
  const words = ownSettingsStrings.door.facts;
  const whom = [
    ...(subject === undefined ? [] : [words.subject(subject)]),
    ...(group === undefined ? [] : [words.group(group)]),
    ...(claim === undefined ? [] : [words.claim(claim.name, claim.value)]),
    ...(anyone === true ? [words.anyone] : []),
  ].join(words.and);
  const called = name === undefined ? whom : `${name} (${whom})`;
  return words.row(called, servers === 'every' ? words.everything : servers.join(', '));
};
