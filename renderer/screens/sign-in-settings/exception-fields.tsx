/** The rules that no refusal proposes to break, to be broken knowingly. Those on record are taken back elsewhere. */
import { useId } from 'react';
import {
  type SignInException,
  signInExceptions,
} from '../../../shared/contract/sign-in-settings.ts';
import { settingsStrings } from '../../strings/sign-in-settings.ts';
import { strings } from '../../strings.ts';
import { sentence } from '../../words.ts';
import type { DraftFieldsProps } from './client-fields.tsx';

interface ExceptionFieldsProps extends Omit<DraftFieldsProps, 'wrong'> {
  readonly isProvider: boolean;
}

const offered: readonly SignInException[] = ['pkce-unadvertised', 'pkce-off', 'id-token-as-bearer'];

export const ExceptionFields = (props: ExceptionFieldsProps) => {
  const { before, draft, isProvider, onChange } = props;
  const name = useId();
  const left = offered.filter(
    (one) => !before.onRecord.includes(one) && !(isProvider && one === 'id-token-as-bearer'),
  );
  if (left.length === 0) return null;
  return (
    <fieldset className="field">
      <legend>{settingsStrings.service.exceptions.label}</legend>
      <div className="choices">
        {left.map((exception) => {
          const { breaks, risk } = signInExceptions[exception];
          return (
            <label key={exception} className="choice">
              <input
                type="checkbox"
                checked={draft.allowed.includes(exception)}
                aria-labelledby={`${name}${exception}`}
                aria-describedby={`${name}${exception}-risk`}
                onChange={({ target }) =>
                  onChange({
                    allowed: [
                      ...draft.allowed.filter((one) => one !== exception),
                      ...(target.checked ? [exception] : []),
                    ],
                  })
                }
              />
              <span>
                <span className="choice-title" id={`${name}${exception}`}>
                  {strings.exceptions.it(breaks)}
                </span>
                <span className="muted help" id={`${name}${exception}-risk`}>
                  {sentence(risk)}
                </span>
              </span>
            </label>
          );
        })}
      </div>
    </fieldset>
  );
};
