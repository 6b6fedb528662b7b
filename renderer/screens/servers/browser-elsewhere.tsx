/** A sign-in in a browser on another machine: take the address there, and bring back the one it ends at. */
import { useEffect, useRef, useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Field, verbatim } from '../../components/field.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { OffButton } from '../../components/off-button.tsx';
import { useAction } from '../../state/use-action.ts';
import { strings } from '../../strings.ts';

const signInLink = (client: ControlClient, key: AccountKey) => client.signInLink(key);
const pasteCallback = async (client: ControlClient, key: AccountKey, address: string) => {
  await client.pasteCallback(key, { address });
  return true;
};

interface BrowserElsewhereProps {
  readonly account: AccountKey;
  readonly onUseCode: () => void;
}

export const BrowserElsewhere = ({ account, onUseCode }: BrowserElsewhereProps) => {
  const [address, setAddress] = useState('');
  const linking = useAction(signInLink);
  const pasting = useAction(pasteCallback);
  const box = useRef<HTMLInputElement>(null);
  const { run: fetchLink } = linking;
  const { server, account: id } = account;
  useEffect(() => {
    box.current?.focus();
    void fetchLink({ server, account: id });
  }, [fetchLink, server, id]);
  const words = strings.elsewhere;
  const blank = address.trim() === '';
  const problem = pasting.problem ?? linking.problem;
  return (
    <form
      className="panel"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (blank || pasting.busy) return;
        void pasting.run(account, address.trim()).then((taken) => {
          if (taken !== true) box.current?.focus();
        });
      }}
    >
      <div className="panel-text">
        <p>{words.open}</p>
        {linking.reply !== undefined && (
          <CopyButton
            kind="link"
            text={linking.reply.link}
            what={words.link}
            words={words.copyLink}
          />
        )}
      </div>
      <Field label={words.label} help={words.help}>
        {(field) => (
          <div className="with-button">
            <input
              {...field}
              {...verbatim}
              ref={box}
              className="input"
              type="text"
              inputMode="url"
              maxLength={16_384}
              placeholder={words.placeholder}
              value={address}
              aria-invalid={pasting.problem !== undefined}
              onChange={(event) => {
                setAddress(event.target.value);
                pasting.clear();
              }}
            />
            <Button type="submit" kind="primary" busy={blank || pasting.busy}>
              {words.go}
            </Button>
          </div>
        )}
      </Field>
      {problem !== undefined && <ProblemNote problem={problem} urgent />}
      <OffButton feature="device-sign-in" kind="link" onPress={onUseCode}>
        {words.codeInstead}
      </OffButton>
    </form>
  );
};
