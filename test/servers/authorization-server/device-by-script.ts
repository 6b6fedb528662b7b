/** How does a test type in the code that a device shows? */
import { walkPages } from './consent-by-script.ts';

export interface DeviceConsentOptions {
  readonly deny?: boolean;
  /** Who signs in; the page proposes `ada`. */
  readonly account?: string;
}

/** Opens the page, types the code in, confirms it and presses Allow or Deny. Resolves with what the last page says. */
export const allowDeviceByScript = async (
  { address, userCode }: { readonly address: string; readonly userCode: string },
  { deny = false, account }: DeviceConsentOptions = {},
): Promise<string> => {
  const { page } = await walkPages(address, (fields) => {
    if (fields.has('account')) {
      fields.set('account', account ?? fields.get('account') ?? '');
      fields.set('decision', deny ? 'deny' : 'allow');
    }
    if (fields.has('user_code')) fields.set('user_code', userCode);
  });
  return page;
};
