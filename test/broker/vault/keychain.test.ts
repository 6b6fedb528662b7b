import { describe, expect, it } from 'vitest';
import type { KeychainReply, KeychainRequest } from '../../../broker/ports.ts';
import { findKeychainKey, makeKeychainKey } from '../../../broker/vault/keychain.ts';

/** A keychain that answers every call with the same, and notes what it was asked. */
const answering = (reply: KeychainReply | Error) => {
  const asked: KeychainRequest[] = [];
  return {
    asked,
    keychain: (request: KeychainRequest): Promise<KeychainReply> => {
      asked.push(request);
      return reply instanceof Error ? Promise.reject(reply) : Promise.resolve(reply);
    },
  };
};

describe('what a failing keychain means', () => {
  it.each([
    ['unlock prompt was dismissed', 'vault-locked'],
    ['Platform failure: IsLocked', 'vault-locked'],
    ['org.freedesktop.Secret.Error.IsLocked: DBus error', 'vault-locked'],
    ['User interaction is not allowed.', 'vault-locked'],
    ['User canceled the operation.', 'vault-denied'],
    ['Access denied', 'vault-denied'],
    ['The user name or passphrase you entered is not correct.', 'vault-denied'],
    ['A specified logon session does not exist.', 'vault-no-keychain'],
    ['Platform failure: no result found', 'vault-no-keychain'],
    ['Platform failure: DBus error Failed to connect to socket', 'vault-no-keychain'],
    [
      'The name org.freedesktop.secrets was not provided by any .service files',
      'vault-no-keychain',
    ],
    ['Cannot autolaunch D-Bus without X11 $DISPLAY', 'vault-no-keychain'],
    // What gnome-keyring says through D-Bus while it hangs: it is there, so nothing may be made in its stead.
    [
      'Platform failure: DBus error: Did not receive a reply. Possible causes include: the message bus security policy blocked the reply, the reply timeout expired',
      'vault-unanswered',
    ],
    ['something nobody has seen yet', 'vault-keychain-failed'],
  ])('"%s" is %s', async (failure, code) => {
    const { keychain } = answering({ failure });

    await expect(findKeychainKey(keychain, 'k')).rejects.toMatchObject({
      code,
      hint: expect.any(String),
    });
    await expect(makeKeychainKey(keychain, 'k')).rejects.toMatchObject({ code });
  });

  it('does not repeat the text of the platform', async () => {
    const { keychain } = answering({ failure: 'locked: canary-foreign-text' });

    await expect(findKeychainKey(keychain, 'k')).rejects.not.toThrow('canary');
  });

  it.each([
    ['at once is a locked keychain without a prompt', 12, 'vault-locked'],
    ['after a while is a person who said no', 4_000, 'vault-denied'],
  ])('a prompt dismissed %s', async (_name, afterMs, code) => {
    const { keychain } = answering({ failure: 'unlock prompt was dismissed', afterMs });

    await expect(findKeychainKey(keychain, 'k')).rejects.toMatchObject({ code });
  });

  it.each([
    ['was killed after its time', new DOMException('late', 'TimeoutError'), 'vault-unanswered'],
    ['ended by itself', new Error('ended'), 'vault-keychain-failed'],
  ])('of a process that %s', async (_name, error, code) => {
    const { keychain } = answering(error);

    await expect(findKeychainKey(keychain, 'k')).rejects.toMatchObject({ code });
  });

  it('has a hint of its own for each state', async () => {
    const texts = ['IsLocked', 'denied', 'did not receive a reply', 'never seen', 'no D-Bus'];

    const hints = await Promise.all(
      texts.map((failure) =>
        findKeychainKey(answering({ failure }).keychain, 'k').catch(
          (error: { hint?: string }) => error.hint,
        ),
      ),
    );

    expect(new Set(hints).size).toBe(texts.length);
  });
});

describe('looking for the vault key', () => {
  it.each([
    ['there is none', null],
    ['it is empty', ''],
    ['it is too short', Buffer.alloc(16).toString('base64')],
    ['it is no key at all', 'hello, world'],
  ])('says that the key is missing when %s, and makes none', async (_name, value) => {
    const { keychain, asked } = answering({ value });

    await expect(findKeychainKey(keychain, 'k')).rejects.toMatchObject({
      code: 'vault-key-missing',
    });

    expect(asked).toEqual([{ deed: 'get', service: 'drawbridge', user: 'k' }]);
  });

  it('gives the 32 bytes that were kept', async () => {
    const { keychain } = answering({ value: Buffer.alloc(32, 5).toString('base64') });

    expect([...(await findKeychainKey(keychain, 'k'))]).toEqual([...Buffer.alloc(32, 5)]);
  });
});

describe('making the vault key', () => {
  it.each([
    ['forgets it', null],
    ['keeps another', Buffer.alloc(32, 5).toString('base64')],
  ])('does not trust a keychain that %s', async (_name, value) => {
    const { keychain } = answering({ value });

    await expect(makeKeychainKey(keychain, 'k')).rejects.toMatchObject({
      code: 'vault-no-keychain',
    });
  });
});
