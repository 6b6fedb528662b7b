/** An AI client at a leg: what it says, and all that it hears of it. */
import { readEnvelope } from '../../../../broker/bridge/json-rpc.ts';
import type { End, Leg } from '../../../../broker/bridge/leg.ts';
import type { Json } from '../../../doubles/scripted-leg.ts';

export interface Asked {
  readonly id: string | number;
  /** Everything heard so far, parsed and as text. */
  readonly heard: readonly Json[];
  readonly texts: readonly string[];
  readonly ends: readonly End[];
  /** The answer; undefined while there is none. */
  readonly answer: () => Json;
  readonly giveUp: () => void;
}

/** Says messages as they are. */
export const sayTo =
  (leg: Leg) =>
  (text: string): Asked => {
    const heard: Json[] = [];
    const texts: string[] = [];
    const ends: End[] = [];
    const envelope = readEnvelope(text);
    if (envelope === undefined) throw new Error(`not a message: ${text}`);
    const giveUp = leg.say(
      { text, envelope },
      {
        message: (json) => {
          texts.push(json);
          heard.push(JSON.parse(json));
        },
        done: (end) => ends.push(end),
      },
    );
    const id = envelope.id ?? 0;
    const answer = () => heard.find((each) => each.method === undefined && each.id === id);
    return { ...{ id, heard, texts, ends, giveUp }, answer };
  };
