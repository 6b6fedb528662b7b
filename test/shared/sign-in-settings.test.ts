/** What can be settled for a sign-in, and what must not get past the schema? */
import { describe, expect, it } from 'vitest';
import {
  SignInChange,
  SignInSettings,
  SignInWish,
  signInExceptions,
} from '../../shared/contract/sign-in-settings.ts';

describe('a redirect', () => {
  it.each([
    'http://127.0.0.1:8400/callback',
    'http://localhost:8400/callback',
    'http://[::1]:8400/callback',
    'http://127.0.0.1/callback',
    'http://localhost',
    'http://localhost:8400/a/b%20c',
  ])('may be %s', (redirect) => {
    expect(SignInSettings.parse({ redirect })).toEqual({ redirect });
  });

  it.each([
    ['another machine', 'http://drawbridge.example/callback'],
    ['a name that begins like ours', 'http://localhost.evil.example/callback'],
    ['a name that ends like ours', 'http://evil.localhost/callback'],
    ['an address of the whole network', 'http://0.0.0.0:8400/callback'],
    ['https, which nobody here can speak', 'https://127.0.0.1:8400/callback'],
    ['a scheme of its own', 'drawbridge://callback'],
    ['a script', 'javascript:alert(1)//localhost'],
    ['a person before the host', 'http://evil.example@127.0.0.1:8400/callback'],
    ['a password before the host', 'http://:evil@127.0.0.1:8400/callback'],
    ['a host that looks like a person', 'http://127.0.0.1:8400@evil.example/callback'],
    ['a query', 'http://127.0.0.1:8400/callback?state=theirs'],
    ['a fragment', 'http://127.0.0.1:8400/callback#x'],
    ['a port that nobody can listen at', 'http://127.0.0.1:0/callback'],
    ['no address', '/callback'],
    ['nothing', ''],
    ['an endless one', `http://127.0.0.1/${'x'.repeat(300)}`],
  ])('is refused that is %s', (_name, redirect) => {
    expect(SignInSettings.safeParse({ redirect }).success).toBe(false);
    expect(SignInChange.safeParse({ set: { redirect } }).success).toBe(false);
  });
});

describe('parameters to send along', () => {
  it('may be whatever the flow does not set itself', () => {
    const parameters = { prompt: 'login', audience: 'api://one', login_hint: 'ada', tenant: '' };
    expect(SignInWish.parse({ parameters })).toEqual({ parameters });
  });

  it.each([
    'response_type',
    'response_mode',
    'client_id',
    'redirect_uri',
    'code_challenge',
    'code_challenge_method',
    'state',
    'resource',
    'scope',
    'request',
    'request_uri',
  ])('are refused when %s is among them, which would bend the flow', (name) => {
    const parameters = { prompt: 'login', [name]: 'theirs' };
    expect(SignInWish.safeParse({ parameters }).success).toBe(false);
  });

  it.each([
    ['a name that is empty', { '': 'x' }],
    ['a name without end', { ['x'.repeat(101)]: 'x' }],
    ['a value without end', { x: 'x'.repeat(1001) }],
    ['a value that is no text', { x: ['x'] }],
  ])('are refused with %s', (_name, parameters) => {
    expect(SignInWish.safeParse({ parameters }).success).toBe(false);
  });
});

describe('settings', () => {
  it('have no place for a secret', () => {
    const wish = { clientId: 'given', clientSecret: 'canary-1', clientKey: 'canary-2' };
    expect(SignInSettings.parse(wish)).toEqual({ clientId: 'given' });
    expect(SignInWish.parse(wish)).toEqual(wish);
  });

  it('name only rules that may be broken, and each says what that costs', () => {
    const exceptions = Object.keys(signInExceptions);
    expect(SignInSettings.parse({ exceptions })).toEqual({ exceptions });
    expect(SignInSettings.safeParse({ exceptions: ['state-unchecked'] }).success).toBe(false);
    expect(SignInSettings.safeParse({ exceptions: ['constructor'] }).success).toBe(false);
    for (const { breaks, risk } of Object.values(signInExceptions))
      expect([breaks.length > 10, risk.length > 10]).toEqual([true, true]);
  });

  it('change by what is set and what is taken back, either of which may be nothing', () => {
    expect(SignInChange.parse({})).toEqual({ set: {}, unset: [] });
    expect(SignInChange.parse({ unset: ['clientSecret', 'redirect'] }).unset).toHaveLength(2);
    expect(SignInChange.safeParse({ unset: ['url'] }).success).toBe(false);
  });
});
