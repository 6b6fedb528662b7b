/** A local server whose secrets are not in the vault: they are given again, in place. */
import { useState } from 'react';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { LocalSecrets } from '../../../shared/contract/local-server.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import { Button } from '../../components/button.tsx';
import { Field, verbatim } from '../../components/field.tsx';
import { ProblemNote } from '../../components/note.tsx';
import { useAction } from '../../state/use-action.ts';
import { strings } from '../../strings.ts';

const give = (client: ControlClient, server: string, secrets: LocalSecrets) =>
  client.setLocalSecrets({ server }, { secrets });

export const GiveSecrets = ({ server }: { readonly server: ServerView }) => {
  const names = server.command?.secretEnv ?? [];
  const [values, setValues] = useState<LocalSecrets>({});
  const giving = useAction(give);
  const words = strings.local.give;
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
  const blank = Object.keys(given).length === 0;
  return (
    <form
      className="fields"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!blank && !giving.busy) void giving.run(server.id, given);
      }}
    >
      {names.map((name) => (
        <Field key={name} label={words.label(name)}>
          {(field) => (
            <input
              {...field}
              {...verbatim}
              className="input"
              type="password"
              autoComplete="new-password"
              maxLength={32_768}
              value={values[name] ?? ''}
              onChange={(event) => setValues((old) => ({ ...old, [name]: event.target.value }))}
            />
          )}
        </Field>
      ))}
      {giving.problem !== undefined && <ProblemNote problem={giving.problem} urgent />}
      <div className="buttons">
        <Button type="submit" busy={blank || giving.busy}>
          {giving.busy ? words.saving : words.save}
        </Button>
      </div>
    </form>
  );
};
