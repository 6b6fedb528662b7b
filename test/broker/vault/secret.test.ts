import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../broker/vault/secret.ts';

const secret = new Secret('canary-secret-value');

describe('a secret', () => {
  it.each<[way: string, print: () => string]>([
    ['JSON', () => JSON.stringify({ secret, list: [secret] })],
    ['a template', () => `${secret}`],
    ['concatenation', () => 'token: '.concat(String(secret))],
    ['inspect', () => inspect(secret)],
    [
      'inspect, nested and with everything hidden shown',
      () => inspect({ a: { b: [secret] } }, { showHidden: true, depth: null }),
    ],
    ['console formats', () => format('%s %o %O %j', secret, secret, secret, secret)],
    ['an error that carries it', () => inspect(new Error('failed', { cause: { secret } }))],
  ])('prints as such by %s', (_way, print) => {
    expect(print()).toContain('[secret]');
    expect(print()).not.toContain('canary');
  });

  it('has no member that holds it', () => {
    expect(Reflect.ownKeys(secret)).toEqual([]);
    expect(inspect(structuredClone(secret))).not.toContain('canary');
  });

  it('is given out by the word reveal', () => {
    expect(secret.reveal()).toBe('canary-secret-value');
  });
});
