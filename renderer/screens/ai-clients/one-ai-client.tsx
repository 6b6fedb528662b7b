/** One AI client: when it was here last, the servers that it uses, its keys, and the rules that name it. */
import type { ServerId } from '../../../shared/contract/ids.ts';
import type { Rule } from '../../../shared/contract/rules.ts';
import { ruleParts } from '../../../shared/rule-words.ts';
import { ForeignText } from '../../components/foreign-text.tsx';
import { TimeAgo } from '../../components/time-ago.tsx';
import { hrefOf } from '../../state/address.ts';
import { useSnapshot } from '../../state/use-snapshot.ts';
import { aiClientStrings } from '../../strings/ai-clients.ts';
import { ruleStrings } from '../../strings/rules.ts';
import { capital, clip, initial } from '../../words.ts';
import { OneDoorKey } from '../keys/one-door-key.tsx';
import type { KnownAiClient } from './known.ts';

export const OneAiClient = ({ aiClient }: { readonly aiClient: KnownAiClient }) => {
  const { name, lastAt, use, keys, rules } = aiClient;
  const words = aiClientStrings;
  return (
    <li className="card ai-client">
      <div className="ai-client-head">
        <span className="tile" aria-hidden="true" dir="auto">
          {initial(name)}
        </span>
        <div className="ai-client-text">
          <h4 className="ai-client-name">
            <ForeignText text={name} />
          </h4>
          <p className="facts-line ai-client-small muted">
            <span>
              {lastAt === undefined ? (
                words.neverCalled
              ) : (
                <>
                  {words.lastCall} <TimeAgo at={lastAt} />
                </>
              )}
            </span>
            {use !== undefined && <span>{words.requests(use.requests)}</span>}
          </p>
          {use !== undefined && use.servers.length > 0 && <Uses ids={use.servers} />}
        </div>
      </div>
      {keys.length > 0 && (
        <ul className="ai-client-part" aria-label={words.keys}>
          {keys.map((doorKey) => (
            <OneDoorKey key={doorKey.id} doorKey={doorKey} />
          ))}
        </ul>
      )}
      {rules.length > 0 && <ItsRules rules={rules} />}
    </li>
  );
};

/** As many as a line or two bear. */
const MOST = 6;

const Uses = ({ ids }: { readonly ids: readonly ServerId[] }) => {
  const { servers } = useSnapshot();
  const used = ids.flatMap((id) => servers.filter((server) => server.id === id));
  const words = aiClientStrings;
  if (used.length === 0) return null;
  return (
    <p className="ai-client-uses">
      <span className="muted">{words.uses}</span>
      {used.slice(0, MOST).map(({ id, title }) => (
        <a key={id} className="chip" href={hrefOf({ screen: 'servers', server: id })} dir="auto">
          {clip(title, 30)}
        </a>
      ))}
      {used.length > MOST && <span className="muted">{words.more(used.length - MOST)}</span>}
    </p>
  );
};

const ItsRules = ({ rules }: { readonly rules: readonly Rule[] }) => {
  const words = aiClientStrings;
  return (
    <div className="ai-client-part ai-client-rules">
      <p className="ai-client-small muted">{words.rules}</p>
      <ul className="ai-client-small">
        {rules.map((rule) => (
          <li key={rule.id} dir="auto">
            {capital(
              words.ruleAt(ruleParts(rule).join(', '), rule.server ?? ruleStrings.everyServer),
            )}
          </li>
        ))}
      </ul>
    </div>
  );
};
