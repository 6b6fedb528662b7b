/** Which answers of the HTTP door are not complete yet, by the key that asked? A stream would outlive its key otherwise. */
import type { ServerResponse } from 'node:http';
import type { DoorKeyId } from '../../../shared/contract/door-keys.ts';

export interface OpenAnswers {
  readonly add: (keyId: DoorKeyId, response: ServerResponse) => void;
  /** Breaks off those of the key. */
  readonly end: (keyId: DoorKeyId) => void;
  readonly endAll: () => void;
}

export const createOpenAnswers = (): OpenAnswers => {
  const open = new Map<ServerResponse, DoorKeyId>();
  return {
    add: (keyId, response) => {
      open.set(response, keyId);
      response.once('close', () => open.delete(response));
    },
    end: (keyId) => {
      for (const [response, whose] of [...open]) if (whose === keyId) response.destroy();
    },
    endAll: () => {
      for (const response of [...open.keys()]) response.destroy();
    },
  };
};
