/** Adding a server by its address: check, see what was found, add, and go on to sign in. */
import { useEffect, useId, useRef, useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { AddServer as Wanted } from '../../../shared/contract/routes.ts';
import { useAction } from '../../state/use-action.ts';
import { strings } from '../../strings.ts';
import { AddedServer } from './added-server.tsx';
import { AddressForm } from './address-form.tsx';
import { Finding } from './finding.tsx';

const probe = (client: ControlClient, url: string) => client.probe({ url });
const addServer = (client: ControlClient, wanted: Wanted) => client.addServer(wanted);

interface AddServerProps {
  /** There is no server yet: the panel is the page, and cannot be closed. */
  readonly first: boolean;
  readonly onClose: (thenLookAt?: string) => void;
}

export const AddServer = ({ first, onClose }: AddServerProps) => {
  const [url, setUrl] = useState('');
  const checking = useAction(probe);
  const adding = useAction(addServer);
  const input = useRef<HTMLInputElement>(null);
  const headingId = useId();
  // As it was when the panel opened: a first server arriving later must not move the focus.
  const [asked] = useState(!first);
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
  const add = (title?: string): void => {
    void adding
      .run({ url: url.trim(), ...(title === undefined ? {} : { title }) })
      .then(backToInput);
  };

  return (
    <section
      className="card add"
      aria-labelledby={headingId}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !first) onClose(adding.reply?.server.id);
      }}
    >
      <h2 id={headingId} className="card-title">
        {strings.add.title}
      </h2>
      {adding.reply !== undefined ? (
        <AddedServer added={adding.reply} onClose={onClose} />
      ) : (
        <>
          <AddressForm
            input={input}
            url={url}
            onChange={(next) => {
              setUrl(next);
              checking.clear();
              adding.clear();
            }}
            busy={checking.busy ? 'checking' : adding.busy ? 'adding' : undefined}
            problem={adding.problem ?? checking.problem}
            checked={checking.reply !== undefined}
            onCheck={check}
            {...(first ? {} : { onCancel: () => onClose() })}
          />
          {checking.reply !== undefined && (
            <Finding
              report={checking.reply}
              busy={adding.busy}
              onAdd={add}
              {...(first ? {} : { onCancel: () => onClose() })}
            />
          )}
        </>
      )}
    </section>
  );
};
