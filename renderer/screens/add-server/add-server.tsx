/** Adding a server: by its address, with a credential, as a program to run here, or a company's identity provider. */
import { useId, useState } from 'react';
import { credentialStrings } from '../../strings/credential.ts';
import { strings } from '../../strings.ts';
import { AddLocal } from '../local/add-local.tsx';
import { AddByAddress } from './add-by-address.tsx';
import { AddProvider } from './add-provider.tsx';
import { AddWithCredential } from './add-with-credential.tsx';

export interface AddServerProps {
  /** There is no server yet: the panel is the page, and cannot be closed. */
  readonly first: boolean;
  /** Filled in already: from a link that the person chose to look at. */
  readonly address?: string | undefined;
  readonly onClose: (thenLookAt?: string) => void;
}

export const AddServer = ({ first, address, onClose }: AddServerProps) => {
  const [what, setWhat] = useState<'server' | 'credential' | 'provider' | 'local'>('server');
  const [typed, setTyped] = useState(address ?? '');
  const [turned, setTurned] = useState(false);
  const [added, setAdded] = useState<string>();
  const headingId = useId();
  const turnTo = (next: typeof what): void => {
    setWhat(next);
    setTurned(true);
  };
  const way = {
    // As it was when the panel opened: a first server arriving later must not move the focus.
    focuses: turned || !first || address !== undefined,
    onClose,
    onAdded: setAdded,
    ...(first ? {} : { onCancel: () => onClose() }),
  };
  return (
    <section
      className="card add"
      aria-labelledby={headingId}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !first) onClose(added);
      }}
    >
      <h2 id={headingId} className="card-title">
        {titles[what]}
      </h2>
      {what === 'server' && (
        <AddByAddress
          {...way}
          address={typed}
          onProvider={() => turnTo('provider')}
          onLocal={() => turnTo('local')}
          onCredential={(text) => {
            setTyped(text);
            turnTo('credential');
          }}
        />
      )}
      {what === 'credential' && (
        <AddWithCredential {...way} address={typed} onServer={() => turnTo('server')} />
      )}
      {what === 'provider' && <AddProvider {...way} onServer={() => turnTo('server')} />}
      {what === 'local' && <AddLocal {...way} onServer={() => turnTo('server')} />}
    </section>
  );
};

const titles = {
  server: strings.add.title,
  provider: strings.add.provider.title,
  local: strings.local.title,
  credential: credentialStrings.add.title,
} as const;
