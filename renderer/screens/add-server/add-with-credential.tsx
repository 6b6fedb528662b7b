/** Adding a server that wants a credential instead of a sign-in: it is tried there first. */
import { useEffect, useRef, useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { AddServer as Wanted } from '../../../shared/contract/routes.ts';
import { Button } from '../../components/button.tsx';
import { Field, verbatim } from '../../components/field.tsx';
import { useAction } from '../../state/use-action.ts';
import { credentialStrings } from '../../strings/credential.ts';
import { strings } from '../../strings.ts';
import { CredentialForm } from '../credential/credential-form.tsx';
import { AddedServer } from './added-server.tsx';

const addServer = (client: ControlClient, wanted: Wanted) => client.addServer(wanted);

interface AddWithCredentialProps {
  /** What was typed as the address before. */
  readonly address: string;
  readonly onClose: (thenLookAt: string) => void;
  readonly onAdded: (server: string) => void;
  readonly onCancel?: () => void;
  readonly onServer: () => void;
}

export const AddWithCredential = (props: AddWithCredentialProps) => {
  const { address, onClose, onAdded, onCancel, onServer } = props;
  const [url, setUrl] = useState(address);
  const adding = useAction(addServer);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const words = credentialStrings.add;
  if (adding.reply !== undefined) {
    const { server } = adding.reply;
    return <AddedServer server={server} next={words.next} asksSignIn={false} onClose={onClose} />;
  }
  return (
    <CredentialForm
      whose={url.trim()}
      submit={words.submit}
      trying={words.busy}
      busy={adding.busy}
      blank={url.trim() === ''}
      problem={adding.problem}
      onChange={adding.clear}
      onCancel={onCancel}
      cancel={strings.add.cancel}
      onSource={(source) =>
        void adding.run({ url: url.trim(), source }).then((reply) => {
          if (reply !== undefined) onAdded(reply.server.id);
        })
      }
      other={
        <span className="other-way">
          <Button kind="link" onPress={onServer}>
            {words.switchBack}
          </Button>
        </span>
      }
    >
      <Field label={strings.add.label}>
        {(field) => (
          <input
            {...field}
            {...verbatim}
            ref={first}
            className="input"
            type="text"
            inputMode="url"
            maxLength={4096}
            placeholder={strings.add.placeholder}
            value={url}
            readOnly={adding.busy}
            onChange={({ target: { value } }) => {
              adding.clear();
              setUrl(value);
            }}
          />
        )}
      </Field>
    </CredentialForm>
  );
};
