/** The JSON schema of a policy, for editors and for whoever makes policies by program. */
import { z } from 'zod';
import { PolicyRules } from '../../shared/contract/policy.ts';

export const policySchema = (): object => z.toJSONSchema(PolicyRules, { io: 'input' });
