import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type EnvelopeHeader, readHeader, seal, unseal } from '../../../broker/vault/envelope.ts';
import { ProblemError } from '../../../shared/contract/problems.ts';

const header: EnvelopeHeader = { format: 1, keyId: 'key-1', sequence: 7 };
const key = randomBytes(32);
const content = '{"grant:a/default":"canary-token-ü"}';

/** What opening it says: its content, or the code of the problem; anything else thrown is shown as such. */
const opened = (file: Buffer, withKey: Uint8Array = key): string => {
  try {
    readHeader(file, 1);
    return unseal(file, withKey);
  } catch (error) {
    return error instanceof ProblemError ? error.code : `crash: ${String(error)}`;
  }
};

describe('a sealed file', () => {
  it('gives back what was sealed in', () => {
    const file = seal(header, key, content);

    expect(unseal(file, key)).toBe(content);
    expect(readHeader(file, 1)).toEqual(header);
  });

  it('keeps a recipe for the key, when there is one', () => {
    const recipe = { salt: 'c2FsdA==', cost: 65_536, blockSize: 8 };
    const file = seal({ ...header, passphrase: recipe }, key, content);

    expect(readHeader(file, 1).passphrase).toEqual(recipe);
  });

  it('shows nothing of its content', () => {
    const file = seal(header, key, content);

    for (const hidden of [content, 'canary-token', 'grant:']) {
      expect(file.includes(hidden)).toBe(false);
      expect(file.toString('latin1')).not.toContain(Buffer.from(hidden).toString('base64'));
    }
    expect(file.includes(key)).toBe(false);
  });

  it('is never the same twice', () => {
    expect(seal(header, key, content).equals(seal(header, key, content))).toBe(false);
  });

  it('is refused after any bit of it was flipped', () => {
    const file = seal(header, key, content);

    const outcomes = new Set<string>();
    for (let bit = 0; bit < file.length * 8; bit++) {
      const flipped = Buffer.from(file);
      flipped.writeUInt8((flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
      outcomes.add(opened(flipped));
    }

    // Three bits make another number of its format.
    expect([...outcomes].sort()).toEqual(['vault-damaged', 'vault-newer', 'vault-wrong-key']);
  });

  it('is refused when cut off anywhere', () => {
    const file = seal(header, key, content);

    const outcomes = new Set<string>();
    for (let length = 0; length < file.length; length++)
      outcomes.add(opened(file.subarray(0, length)));

    expect([...outcomes].sort()).toEqual(['vault-damaged', 'vault-wrong-key']);
  });

  it('is refused with bytes after its end', () => {
    expect(opened(Buffer.concat([seal(header, key, content), Buffer.from('x')]))).toBe(
      'vault-wrong-key',
    );
  });

  it('is refused under the header of another save', () => {
    const older = seal(header, key, content);
    const newer = seal({ ...header, sequence: 8 }, key, content);
    // Both headers are of one length, so that only their authentication can tell.
    const frontBytes = older.indexOf('}') + 1;
    const exchanged = Buffer.concat([newer.subarray(0, frontBytes), older.subarray(frontBytes)]);

    expect(readHeader(exchanged, 1).sequence).toBe(8);
    expect(opened(exchanged)).toBe('vault-wrong-key');
  });

  it('is refused with another key', () => {
    expect(opened(seal(header, key, content), randomBytes(32))).toBe('vault-wrong-key');
  });

  it.each([
    ['an empty file', ''],
    ['plain text in its place', content],
    ['no format', 'DRAWBRIDGE-VAULT\n\0\x0c{"format":0}'.padEnd(100)],
    ['a header that is no JSON', 'DRAWBRIDGE-VAULT\n\0\x02{['.padEnd(100)],
  ])('is damaged when it is %s', (_name, bytes) => {
    expect(opened(Buffer.from(bytes))).toBe('vault-damaged');
    expect(() => readHeader(Buffer.from(bytes), 1)).toThrow(ProblemError);
  });

  it('is of a newer program when its format is, whatever else that one writes', () => {
    const newer = Buffer.from('DRAWBRIDGE-VAULT\n\0\x0c{"format":2}'.padEnd(100));

    expect(opened(newer)).toBe('vault-newer');
  });

  it.each([
    ['a number of rounds that scrypt does not know', { cost: 3 * 2 ** 12, blockSize: 8 }],
    ['more than 512 MiB', { cost: 2 ** 20, blockSize: 8 }],
    ['more memory than machines have', { cost: 2 ** 40, blockSize: 8 }],
    ['blocks without end', { cost: 2 ** 16, blockSize: 2 ** 20 }],
    ['nothing', { cost: 0, blockSize: 8 }],
  ])('is damaged when its recipe asks for %s', (_name, recipe) => {
    const file = seal({ ...header, passphrase: { salt: 'c2FsdA==', ...recipe } }, key, content);

    expect(() => readHeader(file, 1)).toThrow('the vault file is damaged');
  });
});
