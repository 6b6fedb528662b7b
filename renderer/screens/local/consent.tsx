/** The whole of what is to be run, and the question whether it may be (F13). */
import { assignment, commandLine } from '../../../shared/command-line.ts';
import type { AddLocalServer } from '../../../shared/contract/local-server.ts';
import type { Problem } from '../../../shared/contract/problems.ts';
import { Question } from '../../components/question.tsx';
import { strings } from '../../strings.ts';

interface ConsentProps {
  readonly wish: AddLocalServer;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  readonly onYes: () => void;
  readonly onNo: () => void;
}

export const Consent = ({ wish: { command, secrets }, ...rest }: ConsentProps) => {
  const words = strings.local.consent;
  const env = Object.entries(command.env).map(([name, value]) => assignment(name, value));
  const rows: readonly (readonly [string, readonly string[]])[] = [
    [words.command, [commandLine(command)]],
    [
      words.folder,
      command.folder === undefined ? [] : [commandLine({ program: command.folder, args: [] })],
    ],
    [words.env, env],
    [words.secrets, Object.keys(secrets)],
  ];
  return (
    <div className="consent">
      <dl className="consent-list">
        {rows
          .filter(([, lines]) => lines.length > 0)
          .map(([name, lines]) => (
            <div key={name}>
              <dt>{name}</dt>
              {lines.map((line) => (
                // Never cut: what is not seen cannot be agreed to.
                <dd key={line} className="consent-line" dir="ltr">
                  {line}
                </dd>
              ))}
            </div>
          ))}
      </dl>
      <Question title={words.question} yes={words.yes} no={words.no} {...rest}>
        <p className="muted">{words.risk}</p>
      </Question>
    </div>
  );
};
