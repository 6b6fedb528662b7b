/** The proxy: what is in use, whoever says so, and one of the person's own, with a user and a password if it wants them. */
import { useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Field, verbatim } from '../../components/field.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { ownSettingsStrings } from '../../strings/settings.ts';
import { clip } from '../../words.ts';
import { changePreferences, type PreferenceProps } from './change-preferences.ts';
import { EditableRow, RowForm } from './editable-row.tsx';
import { withSignIn } from './proxy-address.ts';

export const ProxyPreference = ({ view, onView }: PreferenceProps) => {
  const { preferences, network, required } = view;
  const { from, hosts, problem } = network.proxy;
  const words = ownSettingsStrings.network;
  const isRequired = required.includes('proxy');
  const inUse = words.from[from](words.inTurn(hosts.map((host) => clip(host, 100))));
  const value = problem === undefined ? inUse : clip(preferences.proxy ?? inUse, 200);
  return (
    <EditableRow
      label={words.proxy}
      value={<span dir="auto">{value}</span>}
      help={[
        ...(isRequired ? [ownSettingsStrings.settled] : []),
        ...(preferences.hasProxyPassword ? [words.withSignIn] : []),
      ].join(' ')}
      renderForm={(close) => <ProxyForm {...{ view, onView, close, isRequired }} />}
    >
      {problem !== undefined && <ProblemNote problem={problem} />}
    </EditableRow>
  );
};

interface ProxyFormProps extends PreferenceProps {
  /** The address is not the person's to change; a password for it is. */
  readonly isRequired: boolean;
  readonly close: (saved: boolean) => void;
}

const ProxyForm = ({ view, onView, isRequired, close }: ProxyFormProps) => {
  const { proxy: before = '', hasProxyPassword } = view.preferences;
  const [address, setAddress] = useState(before);
  const [user, setUser] = useState('');
  const [replacing, setReplacing] = useState(false);
  const password = useRef<HTMLInputElement>(null);
  const name = useRef<HTMLInputElement>(null);
  const saving = useAction(changePreferences);
  const words = ownSettingsStrings.network;
  const typed = address.trim();
  // It was given for this very address, and goes nowhere else.
  const isKept = hasProxyPassword && !replacing && typed === before;
  const save = async (): Promise<void> => {
    // It stays in its field until it is kept: a slip in the address costs nobody a password.
    const secret = password.current?.value ?? '';
    if (typed === before && (isKept || (!replacing && user === '' && secret === '')))
      return close(false);
    const change =
      typed === ''
        ? { unset: ['proxy' as const] }
        : { set: { proxy: withSignIn(typed, user.trim(), secret) } };
    const next = await saving.run(change);
    if (next === undefined) return;
    onView(next);
    close(true);
  };
  return (
    <RowForm
      label={words.proxy}
      busy={saving.busy}
      problem={saving.problem}
      onSave={() => void save()}
      onCancel={() => close(false)}
    >
      <Field label={words.address} help={isRequired ? undefined : words.addressHelp}>
        {(field) => (
          <input
            {...field}
            {...verbatim}
            className="input code-input"
            type="text"
            placeholder="http://proxy.example:8080"
            maxLength={2000}
            readOnly={isRequired}
            value={address}
            onChange={({ target }) => {
              setAddress(target.value);
              saving.clear();
            }}
          />
        )}
      </Field>
      {isKept ? (
        <div className="kept">
          <span className="muted">{words.kept}</span>
          <Button
            onPress={() => {
              setReplacing(true);
              // It takes the place of the button.
              requestAnimationFrame(() => name.current?.focus());
            }}
          >
            {words.replace}
          </Button>
        </div>
      ) : (
        typed !== '' && (
          <>
            <div className="pair">
              <Field label={words.user} optional>
                {(field) => (
                  <input
                    {...field}
                    {...verbatim}
                    ref={name}
                    className="input"
                    type="text"
                    maxLength={500}
                    value={user}
                    onChange={({ target }) => setUser(target.value)}
                  />
                )}
              </Field>
              <Field label={words.password} optional>
                {(field) => (
                  // No `value`, which React would write into the page as an attribute.
                  <input
                    {...field}
                    {...verbatim}
                    ref={password}
                    className="input"
                    type="password"
                    autoComplete="new-password"
                    maxLength={500}
                    onChange={saving.clear}
                  />
                )}
              </Field>
            </div>
            <p className="help muted">{words.signInHelp}</p>
          </>
        )
      )}
    </RowForm>
  );
};
