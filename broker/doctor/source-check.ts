/** Does a server take the credential that is got for it, without a person? */
import type { Check } from '../../shared/contract/doctor.ts';
import { toProblem } from '../../shared/contract/problems.ts';
import type { TokenSource } from '../../shared/contract/token-sources.ts';
import type { ServerRecord } from '../servers/registry.ts';
import { failed } from './failed.ts';

/** Gets one and shows it to the server. Rejects with why that fails. */
export type TrySource = (record: ServerRecord, source: TokenSource) => Promise<unknown>;

/** Never rejects: what is wrong is what is told. */
export const sourceChecks = async (
  record: ServerRecord,
  source: TokenSource,
  trySource: TrySource,
): Promise<Check[]> => {
  try {
    await trySource(record, source);
    return [
      { tone: 'good', text: `a credential is got for it (${source.kind})` },
      { tone: 'good', text: `${new URL(record.url).host} takes it` },
    ];
  } catch (error) {
    return [failed(toProblem(error), record.id)];
  }
};
