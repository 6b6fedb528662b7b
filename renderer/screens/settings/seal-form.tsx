/** Asks where the fresh key of the vault comes from, and for a passphrase twice: nobody sees what is typed. */
import { useEffect, useId, useRef, useState } from 'react';
import type { RouteBody } from '../../../shared/contract/routes.ts';
import type { VaultView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { PassphraseField, taken } from '../../components/passphrase-field.tsx';
import type { Action } from '../../state/use-action.ts';
import { strings } from '../../strings.ts';

type Kind = RouteBody<'sealVault'>['kind'];
const kinds = Object.keys(strings.seal.kinds) as Kind[];

interface SealFormProps {
  readonly before: VaultView['kind'];
  readonly sealing: Action<[how: RouteBody<'sealVault'>], VaultView>;
  readonly onCancel: () => void;
}

export const SealForm = ({ before, sealing, onCancel }: SealFormProps) => {
  // Sealing changes it, and the form should not change under the person's hands.
  const [first] = useState(before);
  const [kind, setKind] = useState<Kind>(first === 'keychain' ? 'keychain' : 'passphrase');
  const [wrong, setWrong] = useState<'none' | 'differs'>();
  const box = useRef<HTMLInputElement>(null);
  const again = useRef<HTMLInputElement>(null);
  const words = strings.seal;
  const title = useId();

  const news = (): void => {
    setWrong(undefined);
    sealing.clear();
  };
  const submit = (): void => {
    if (kind === 'keychain') {
      void sealing.run({ kind });
      return;
    }
    const empty = box.current?.value === '';
    const differs = !empty && box.current?.value !== again.current?.value;
    setWrong(empty ? 'none' : differs ? 'differs' : undefined);
    if (empty) box.current?.focus();
    else if (differs) again.current?.focus();
    else {
      taken(again.current);
      void sealing.run({ kind, passphrase: taken(box.current) });
    }
  };
  // Nothing calls it back once it has begun, and its outcome has to be told.
  const cancel = (): void => {
    if (!sealing.busy) onCancel();
  };
  return (
    <form
      className="panel"
      noValidate
      aria-labelledby={title}
      onKeyDown={(event) => {
        if (event.key === 'Escape') cancel();
      }}
      onSubmit={(event) => {
        event.preventDefault();
        if (!sealing.busy) submit();
      }}
    >
      <div>
        <h2 className="fields-title" id={title}>
          {words.title}
        </h2>
        <p className="muted">
          {words.text} {first === 'memory' && words.fromMemory}
        </p>
      </div>
      <Kinds
        kind={kind}
        onChange={(next) => {
          setKind(next);
          news();
        }}
      />
      {kind === 'passphrase' && (
        <div className="twice">
          <PassphraseField
            {...{ ref: box, isNew: true, label: strings.vault.passphrase.label, onTyped: news }}
            problem={wrong === 'none' ? words.none : undefined}
          />
          <PassphraseField
            {...{ ref: again, isNew: true, label: words.again, onTyped: news }}
            problem={wrong === 'differs' ? words.differs : undefined}
          />
        </div>
      )}
      {sealing.problem !== undefined && <ProblemNote problem={sealing.problem} urgent />}
      <div className="buttons">
        <Button kind="primary" type="submit" busy={sealing.busy}>
          {sealing.busy ? words.busy : words.seal}
        </Button>
        <Button onPress={cancel}>{words.cancel}</Button>
      </div>
    </form>
  );
};

interface KindsProps {
  readonly kind: Kind;
  readonly onChange: (kind: Kind) => void;
}

const Kinds = ({ kind, onChange }: KindsProps) => {
  const name = useId();
  const chosen = useRef<HTMLInputElement>(null);
  useEffect(() => chosen.current?.focus(), []);
  return (
    <fieldset className="field">
      <legend>{strings.seal.kind}</legend>
      <div className="choices">
        {kinds.map((one) => (
          <label key={one} className="choice">
            <input
              ref={one === kind ? chosen : undefined}
              type="radio"
              name={name}
              checked={one === kind}
              aria-labelledby={`${name}${one}`}
              aria-describedby={`${name}${one}-help`}
              onChange={() => onChange(one)}
            />
            <span>
              <span className="choice-title" id={`${name}${one}`}>
                {strings.seal.kinds[one].title}
              </span>
              <span className="muted help" id={`${name}${one}-help`}>
                {strings.seal.kinds[one].help}
              </span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
};
