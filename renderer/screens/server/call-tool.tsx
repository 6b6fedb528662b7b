/** Calling a tool by the person's own hand: what it is called with, how long it takes, and what it answers. */

import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import { durationText } from '../../../shared/activity.ts';
import type { CatalogueItem } from '../../../shared/contract/catalogue-view.ts';
import type { ControlClient } from '../../../shared/contract/client.ts';
import type { AccountKey } from '../../../shared/contract/ids.ts';
import type { RouteBody } from '../../../shared/contract/routes.ts';
import { Button } from '../../components/button.tsx';
import { focusFirstWrong } from '../../components/focus-first-wrong.ts';
import { Note, ProblemNote } from '../../components/note.tsx';
import { useSurroundings } from '../../state/surroundings.ts';
import { useAction } from '../../state/use-action.ts';
import { useNow } from '../../state/use-now.ts';
import { serverStrings } from '../../strings/server.ts';
import { strings } from '../../strings.ts';
import { shortName } from '../../words.ts';
import { Arguments, type ArgumentsDraft, emptyDraft, readDraft } from './arguments.tsx';
import { fieldsIn } from './schema-fields.ts';
import { ToolAnswer } from './tool-answer.tsx';

interface CallToolProps {
  readonly tool: Extract<CatalogueItem, { kind: 'tool' }>;
  readonly account: AccountKey;
}

const callTool = (client: ControlClient, account: AccountKey, call: RouteBody<'callTool'>) =>
  client.callTool(account, call);

/** s */
const waits = [30, 60, 300] as const;
const WAIT = 60;

const words = serverStrings.call;

export const CallTool = ({ tool, account }: CallToolProps) => {
  const { client, clock } = useSurroundings();
  const fields = useMemo(() => fieldsIn(tool.inputSchema), [tool.inputSchema]);
  const [draft, setDraft] = useState<ArgumentsDraft>(() => emptyDraft(fields));
  const [timeoutS, setTimeoutS] = useState<number>(WAIT);
  const calling = useAction(callTool);
  const [since, setSince] = useState(0);
  const underWay = useRef<string>(undefined);
  const form = useRef<HTMLFormElement>(null);

  const giveUp = useCallback((): void => {
    const call = underWay.current;
    // What becomes of it is what the call itself is answered with.
    if (call !== undefined) void client.cancelCall({ call }).catch(() => undefined);
  }, [client]);
  // Nobody is there any more to see an answer.
  useEffect(() => giveUp, [giveUp]);

  const submit = async (): Promise<void> => {
    const read = readDraft(fields, draft);
    setDraft(read.draft);
    if (read.given === undefined) return focusFirstWrong(form.current);
    const call = newCallId();
    underWay.current = call;
    setSince(clock.now());
    await calling.run(account, { name: tool.name, arguments: read.given, timeoutS, call });
    underWay.current = undefined;
  };

  const { busy, reply, problem } = calling;
  return (
    <form
      ref={form}
      className="call"
      noValidate
      aria-label={strings.deedFor(words.title, shortName(tool.name))}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void submit();
      }}
    >
      <h4 className="call-title">{words.title}</h4>
      <p className="fact-from">{words.about}</p>
      <Arguments fields={fields} draft={draft} onChange={setDraft} />
      <div className="call-foot">
        <Button
          kind={busy ? 'plain' : 'primary'}
          type={busy ? 'button' : 'submit'}
          {...(busy ? { onPress: giveUp } : {})}
        >
          {busy ? words.cancel : words.button}
        </Button>
        {busy ? <Elapsed since={since} /> : <Wait seconds={timeoutS} onChange={setTimeoutS} />}
      </div>
      <div role="status" className="call-outcome">
        {!busy && reply !== undefined && (
          <p className={reply.isError ? 'account-warning' : 'muted'}>
            {words[reply.refused ? 'refused' : reply.isError ? 'failed' : 'took'](
              durationText(reply.tookMs),
            )}
          </p>
        )}
      </div>
      {!busy && reply !== undefined && <ToolAnswer answer={reply} />}
      {!busy &&
        problem !== undefined &&
        (problem.code === 'call-given-up' ? (
          <Note tone="info" urgent>
            <p className="note-message">{words.given}</p>
          </Note>
        ) : (
          <ProblemNote problem={problem} urgent />
        ))}
    </form>
  );
};

/** Made up here, so that the call can be given up; `randomUUID` is not there on every page. */
const newCallId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');

const SECOND = 1000;
const changesIn = (since: number, now: number): number => SECOND - ((now - since) % SECOND);

const Elapsed = ({ since }: { readonly since: number }) => {
  const now = useNow(since, changesIn);
  return (
    <p className="muted time-left">
      {words.calling(Math.max(0, Math.floor((now - since) / SECOND)))}
    </p>
  );
};

interface WaitProps {
  readonly seconds: number;
  readonly onChange: (seconds: number) => void;
}

const Wait = ({ seconds, onChange }: WaitProps) => {
  const id = useId();
  return (
    <div className="call-wait">
      <label htmlFor={id}>{words.wait}</label>
      <select
        id={id}
        className="input"
        value={seconds}
        onChange={({ target }) => onChange(Number(target.value))}
      >
        {waits.map((one) => (
          <option key={one} value={one}>
            {words.waits(one)}
          </option>
        ))}
      </select>
    </div>
  );
};
