/** Where does oidc-provider keep its records, and how does an administrator wipe them? */
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';

export interface RecordStore {
  readonly adapter: AdapterFactory;
  readonly has: (model: string, id: string) => boolean;
  /** Everything of these kinds is gone at once. */
  readonly wipe: (models: readonly string[]) => void;
}

/**
 * oidc-provider's own memory adapter is one LRU that warns on the console and cannot be wiped by kind.
 * Expiry is left to oidc-provider, which reads `exp` of every record it finds.
 */
export const createRecordStore = (): RecordStore => {
  const tables = new Map<string, Map<string, AdapterPayload>>();
  const table = (model: string): Map<string, AdapterPayload> => {
    const found = tables.get(model) ?? new Map<string, AdapterPayload>();
    tables.set(model, found);
    return found;
  };

  const adapter: AdapterFactory = (model): Adapter => {
    const records = table(model);
    const findBy = (field: 'uid' | 'userCode', value: string) =>
      [...records.values()].find((record) => record[field] === value);
    return {
      upsert: async (id, payload) => void records.set(id, payload),
      find: async (id) => records.get(id),
      findByUid: async (uid) => findBy('uid', uid),
      findByUserCode: async (userCode) => findBy('userCode', userCode),
      consume: async (id) => {
        const record = records.get(id);
        if (record !== undefined) record.consumed = Math.floor(Date.now() / 1000);
      },
      destroy: async (id) => void records.delete(id),
      revokeByGrantId: async (grantId) => {
        for (const [id, record] of records) if (record.grantId === grantId) records.delete(id);
      },
    };
  };

  return {
    adapter,
    has: (model, id) => table(model).has(id),
    wipe: (models) => {
      for (const model of models) table(model).clear();
    },
  };
};
