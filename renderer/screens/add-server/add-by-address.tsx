/** Adding a server by its address: check, see what was found, add, and go on to sign in. */
import { useEffect, useRef, useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { AddServer as Wanted } from '../../../shared/contract/routes.ts';
import { Button } from '../../components/button.tsx';
import { OffButton } from '../../components/off-button.tsx';
import { useAction } from '../../state/use-action.ts';
import { strings } from '../../strings.ts';
import { AddedStep } from './added-step.tsx';
import { AddressForm } from './address-form.tsx';
import { Finding } from './finding.tsx';
import { WellKnown } from './well-known.tsx';

const probe = (client: ControlClient, url: string) => client.probe({ url });
const addServer = (client: ControlClient, wanted: Wanted) => client.addServer(wanted);
const addDemo = (client: ControlClient) => client.addDemo({});

interface AddByAddressProps {
  readonly address?: string | undefined;
  readonly focuses: boolean;
  readonly onClose: (thenLookAt: string) => void;
  readonly onAdded: (server: string) => void;
  readonly onCancel?: () => void;
  readonly onProvider: () => void;
  readonly onLocal: () => void;
  /** It takes a key or a token; with the address that was typed. */
  readonly onCredential: (address: string) => void;
}

export const AddByAddress = (props: AddByAddressProps) => {
  const { focuses, onClose, onAdded, onProvider, onLocal } = props;
  const cancel = props.onCancel === undefined ? {} : { onCancel: props.onCancel };
  const [url, setUrl] = useState(props.address ?? '');
  const checking = useAction(probe);
  const adding = useAction(addServer);
  const demo = useAction(addDemo);
  const input = useRef<HTMLInputElement>(null);
  const [asked] = useState(focuses);
  useEffect(() => {
    if (asked) input.current?.focus();
  }, [asked]);

  const backToInput = (reply: unknown): void => {
    if (reply === undefined) input.current?.focus();
  };
  const check = (): void => {
    adding.clear();
    void checking.run(url.trim()).then(backToInput);
  };
  const add = async (title?: string): Promise<void> => {
    const wanted = { url: url.trim(), ...(title === undefined ? {} : { title }) };
    const reply = await adding.run(wanted);
    if (reply === undefined) backToInput(reply);
    else onAdded(reply.server.id);
  };
  const added = adding.reply ?? demo.reply;
  if (added !== undefined) return <AddedStep added={added} onClose={onClose} />;
  return (
    <>
      <AddressForm
        input={input}
        url={url}
        onChange={(next) => {
          setUrl(next);
          checking.clear();
          adding.clear();
          demo.clear();
        }}
        busy={checking.busy ? 'checking' : adding.busy ? 'adding' : undefined}
        problem={adding.problem ?? demo.problem ?? checking.problem}
        checked={checking.reply !== undefined}
        onCheck={check}
      />
      {url === '' && (
        <WellKnown
          busy={demo.busy}
          onChoose={(known) => {
            setUrl(known);
            void checking.run(known).then(backToInput);
          }}
          onDemo={() =>
            void demo.run().then((reply) => {
              if (reply !== undefined) onAdded(reply.server.id);
            })
          }
        />
      )}
      {checking.reply === undefined ? (
        <div className="buttons add-buttons">
          <span className="other-ways">
            <Button kind="link" onPress={() => props.onCredential(url)}>
              {strings.credential.add.switchTo}
            </Button>
            <OffButton feature="local-servers" kind="link" onPress={onLocal}>
              {strings.local.switchTo}
            </OffButton>
            <Button kind="link" onPress={onProvider}>
              {strings.add.provider.switchTo}
            </Button>
          </span>
          {props.onCancel !== undefined && (
            <Button onPress={props.onCancel}>{strings.add.cancel}</Button>
          )}
        </div>
      ) : (
        <Finding
          report={checking.reply}
          busy={adding.busy}
          onAdd={(title) => void add(title)}
          onCredential={() => props.onCredential(url)}
          {...cancel}
        />
      )}
    </>
  );
};
