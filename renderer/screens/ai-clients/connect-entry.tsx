/** Connects an AI client: which one and to what, and the entry that it is to be given, as `drawbridge connect` prints it. */
import { useEffect, useId, useRef, useState } from 'react';
import { aiClients, anyClient, placeOfEntry, shimEntry } from '../../../shared/ai-clients.ts';
import type { ControlClient } from '../../../shared/contract/client.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Field } from '../../components/field.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { useLook } from '../../state/use-look.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { aiClientStrings } from '../../strings/ai-clients.ts';
import { ownSettingsStrings } from '../../strings/settings.ts';
import { everything, type Place, placesIn } from './places.ts';

const look = (client: ControlClient) => client.host();

interface ConnectEntryProps {
  /** The person has asked for it here, and has not come upon it. */
  readonly takesFocus: boolean;
  readonly onClose: () => void;
}

const choices = Object.keys(aiClients);

export const ConnectEntry = ({ takesFocus, onClose }: ConnectEntryProps) => {
  const { servers } = useSnapshot();
  const [name, setName] = useState(choices[0] ?? '');
  const [address, setAddress] = useState(everything.address);
  const places = placesIn(servers);
  const place = places.find((one) => one.address === address) ?? everything;
  const first = useRef<HTMLSelectElement>(null);
  const asked = useRef(takesFocus);
  useEffect(() => {
    if (asked.current) first.current?.focus();
  }, []);
  const title = useId();
  const words = aiClientStrings.connect;
  return (
    <section
      className="card fields fields-card"
      aria-labelledby={title}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose();
      }}
    >
      <h3 className="fields-title" id={title}>
        {words.title}
      </h3>
      <div className="pair">
        <Field label={words.aiClient}>
          {(field) => (
            <select
              {...field}
              ref={first}
              className="input"
              value={name}
              onChange={({ target }) => setName(target.value)}
            >
              {choices.map((choice) => (
                <option key={choice} value={choice} dir="auto">
                  {aiClients[choice]?.title}
                </option>
              ))}
              <option value="">{anyClient.title}</option>
            </select>
          )}
        </Field>
        <Field label={words.what} help={place.help === '' ? undefined : place.help}>
          {(field) => (
            <select
              {...field}
              className="input"
              value={place.address}
              onChange={({ target }) => setAddress(target.value)}
            >
              {places.map((one) => (
                <option
                  key={one.address}
                  value={one.address}
                  dir={one === everything ? undefined : 'auto'}
                >
                  {one.title}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <Entry name={name} place={place} />
      <div className="buttons">
        <Button onPress={onClose}>{words.close}</Button>
      </div>
    </section>
  );
};

const Entry = ({ name, place }: { readonly name: string; readonly place: Place }) => {
  const { reply, problem, askAgain } = useLook(look);
  const words = aiClientStrings.connect;
  if (reply === undefined)
    return problem === undefined ? (
      <p className="muted">{words.loading}</p>
    ) : (
      <ProblemNote problem={problem} urgent>
        <Button onPress={askAgain}>{ownSettingsStrings.tryAgain}</Button>
      </ProblemNote>
    );
  const aiClient = aiClients[name] ?? anyClient;
  const flags = `${place === everything ? '--all' : commandFor(place)}${name === '' ? '' : ` --for ${name}`}`;
  if (reply.shim === undefined)
    return (
      <p className="muted">
        {words.noShim} <code>{`drawbridge connect ${flags}`}</code>
      </p>
    );
  const text = aiClient.text(place.entry, shimEntry(reply.shim, place.address));
  return (
    <div className="entry">
      <div className="entry-head">
        <p>{placeOfEntry(aiClient)}</p>
        <CopyButton text={text} what={words.copyWhat} />
      </div>
      {/* A field, so that a keyboard gets to all of it: paths are wider than the page. */}
      <textarea
        className="input code-input entry-text"
        aria-label={words.entry}
        readOnly
        wrap="off"
        rows={Math.min(text.split('\n').length, MOST_LINES)}
        value={text}
      />
      <p className="entry-small muted">{words.noSecret}</p>
      {aiClient.takes.includes('http') && (
        <p className="entry-small muted">
          {words.byAddress} <code>{`drawbridge connect ${flags} --http`}</code>
        </p>
      )}
    </div>
  );
};

const MOST_LINES = 16;

const commandFor = ({ address }: Place): string => {
  const [server, account] = address.split('/');
  return account === undefined ? `${server}` : `${server} --account ${account}`;
};
