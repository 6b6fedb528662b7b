/** Where no administrator's policy lies: what is on the machine of whoever runs the tests must not decide them. */
import path from 'node:path';
import type { PolicyPlace } from '../../broker/policy/place.ts';

export const noPolicy = (dataFolder: string): PolicyPlace => ({
  folder: path.join(dataFolder, 'no-policy'),
});
