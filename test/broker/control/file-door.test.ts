/** Does the HTTP door become so as a file says, and does nothing of it change where the file cannot be? */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoorSettings } from '../../../shared/contract/door.ts';
import type { RouteBody } from '../../../shared/contract/routes.ts';
import { type SigningIssuer, startSigningIssuer } from '../../servers/signing-issuer.ts';
import { type Stage, startStage } from '../bridge/verify/stage.ts';

type File = RouteBody<'applyFile'>['file'];
type Door = NonNullable<NonNullable<File['doors']>['http']>;

let stage: Stage;
let issuer: SigningIssuer;
beforeEach(async () => {
  issuer = await startSigningIssuer();
  stage = await startStage();
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

const apply = (http: Door, more: Partial<RouteBody<'applyFile'>> = {}) =>
  stage.drawbridge.control.applyFile({ file: { doors: { http } }, ...more });
const settings = async (): Promise<DoorSettings> =>
  (await stage.drawbridge.control.door()).settings;
const keys = { callers: [], proxies: [] };
const jwks = () => ({
  ...{ kind: 'jwks' as const, issuer: issuer.issuer, jwksUrl: issuer.jwksUrl },
});
const whole = () => ({
  verify: { ...jwks(), scopes: ['mcp'] },
  callers: [{ group: 'staff', name: 'Staff', servers: ['one'] }],
  publicAddress: 'https://mcp.acme.example',
  listen: { address: '10.0.0.5', port: 8080 },
  proxies: ['10.42.0.0/16'],
});

it('a file makes the door so, and the second time nothing', async () => {
  const { steps, faults, problem } = await apply(whole());
  expect([faults, problem]).toEqual([[], undefined]);
  expect(steps).toMatchObject([
    {
      ...{ path: ['doors', 'http'], does: 'change' },
      notes: [
        'AI clients come in with tokens from then on, and keys open nothing',
        'where it listens counts from the next start on',
      ],
    },
  ]);
  expect(await settings()).toEqual(whole());
  const again = await apply(whole());
  expect(again.steps).toMatchObject([{ does: 'nothing', changes: [], notes: [] }]);
  expect(again.agreements).toEqual([]);
});

it('who has a good token comes in from then on, and only to what the file opens', async () => {
  const { resource } = stage;
  const token = await issuer.sign({ aud: resource, sub: 'ada' });
  await apply({ verify: jwks(), callers: [{ subject: 'ada', servers: ['one'] }] });
  expect((await stage.ask(token)).status).toBe(200);
  await apply({ callers: [{ subject: 'grace', servers: ['one'] }] });
  expect((await stage.ask(token)).status).toBe(403);
});

it('a field at a time: what is not in the file stays', async () => {
  await apply(whole());
  const looked = await apply({ publicAddress: 'https://tools.acme.example' }, { dryRun: true });
  expect(looked.steps[0]?.changes).toEqual([
    {
      path: ['doors', 'http', 'publicAddress'],
      ...{ from: 'https://mcp.acme.example', to: 'https://tools.acme.example' },
    },
  ]);
  expect(await settings()).toEqual(whole());
  await apply({ publicAddress: 'https://tools.acme.example' });
  expect(await settings()).toEqual({ ...whole(), publicAddress: 'https://tools.acme.example' });
});

it('another kind of verifier takes the place of the whole one before', async () => {
  await apply(whole());
  await apply({ verify: jwks() });
  expect((await settings()).verify).toEqual(jwks());
});

it('what is exported is the same after an import elsewhere', async () => {
  await apply({ ...whole(), port: 41_234 });
  const { present } = await apply({}, { dryRun: true });
  expect(present.doors?.http).toEqual({ ...whole(), port: 41_234 });
  await stage.drawbridge.control.changeDoor({});
  const { servers: _signedIn, ...rest } = present;
  expect((await stage.drawbridge.control.applyFile({ file: rest })).problem).toBeUndefined();
  expect((await apply({}, { dryRun: true })).present).toEqual(present);
});

describe('before anything is changed', () => {
  it.each([
    [
      'other machines, and no proxy with https before it',
      { listen: { address: '10.0.0.5', port: 80 } },
      ['verify', 'publicAddress', 'proxies'],
    ],
    [
      'a server that is nowhere',
      { callers: [{ anyone: true, servers: ['one', 'none'] }] },
      ['callers.0.servers.1'],
    ],
    [
      'a secret that is nowhere',
      {
        verify: {
          ...{ kind: 'introspection', issuer: 'https://login.acme.example' },
          ...{ clientId: 'drawbridge', clientSecret: '${vault:NONE}' },
        },
      },
      ['verify.clientSecret'],
    ],
  ] as [string, Door, string[]][])('%s', async (_what, http, at) => {
    const { faults, steps } = await apply({ ...http, port: 41_234 });
    expect(faults.map(({ path }) => path.join('.'))).toEqual(at.map((one) => `doors.http.${one}`));
    expect(steps).toEqual([]);
    expect(await settings()).toEqual(keys);
  });

  it('a server that only this file adds may be named', async () => {
    const { faults, problem } = await stage.drawbridge.control.applyFile({
      file: {
        servers: { new: { url: 'http://127.0.0.1:9/mcp', open: true } },
        doors: { http: { callers: [{ anyone: true, servers: ['new'] }] } },
      },
    });
    expect([faults, problem]).toEqual([[], undefined]);
    expect((await settings()).callers).toEqual([{ anyone: true, servers: ['new'] }]);
  });
});

it('a verifier that does not work is said to be so, the door stays as it was, and the rules are there', async () => {
  issuer.fail(true);
  const { done, steps, problem } = await stage.drawbridge.control.applyFile({
    file: { doors: { http: whole() }, rules: [{ readOnly: true }] },
  });
  expect([done, steps.length, problem !== undefined]).toEqual([1, 2, true]);
  expect(await settings()).toEqual(keys);
  expect(stage.drawbridge.broker.snapshot().rules).toHaveLength(1);
});
