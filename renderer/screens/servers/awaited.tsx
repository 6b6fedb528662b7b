/** What helps a person along while a sign-in waits for them: with their browser, or with a code for any device. */
import type { AccountKey } from '../../../shared/contract/ids.ts';
import type { AccountView } from '../../../shared/contract/snapshot.ts';
import { DeviceCode } from './device-code.tsx';
import { SignInHelp } from './sign-in-help.tsx';

export interface AwaitedProps {
  readonly account: AccountKey;
  readonly signIn: NonNullable<AccountView['signIn']>;
  readonly onUseCode: () => void;
}

export const Awaited = ({ account, signIn: { device }, onUseCode }: AwaitedProps) =>
  device === undefined ? (
    <SignInHelp account={account} onUseCode={onUseCode} />
  ) : (
    <DeviceCode device={device} />
  );
