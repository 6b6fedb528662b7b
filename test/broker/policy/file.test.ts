/** Does a file that is imported say all that the administrator forbids of it, before anything is changed? */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RouteBody } from '../../../shared/contract/routes.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { createPolicyFile, type PolicyFile } from '../../doubles/policy-file.ts';

type File = RouteBody<'applyFile'>['file'];

let policy: PolicyFile;
let drawbridge: InProcessBroker;
beforeEach(async () => {
  policy = createPolicyFile();
  drawbridge = await startInProcessBroker({ policy: policy.place });
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  policy[Symbol.dispose]();
});

const apply = (file: File, dryRun = false) => drawbridge.control.applyFile({ file, dryRun });
const here = 'http://127.0.0.1:9';
const program = { kind: 'command' as const, command: ['print-token'] };
const odd: File = {
  servers: {
    fine: { url: `${here}/fine`, open: true },
    other: { url: 'http://localhost:9/mcp', open: true },
    login: { issuer: 'https://login.other.example' },
    named: { url: `${here}/named`, signIn: { issuer: 'https://login.other.example' } },
    asks: {
      url: `${here}/asks`,
      source: {
        ...{ kind: 'github-app', app: '1', key: '${env:HOME}', installation: 1 },
        api: 'https://git.other.example',
      },
    },
    runs: { url: `${here}/runs`, source: program },
    lax: { url: `${here}/lax`, signIn: { exceptions: ['issuer-slash'] } },
    files: { command: { program: 'files-mcp', args: [], env: {} } },
  },
};
const strict = {
  allowedHosts: { servers: ['127.0.0.1'], signIn: ['login.acme.example'] },
  disabled: ['local-servers', 'command-sources', 'sign-in-exceptions'],
  notice: 'Ask help@acme.example.',
};
const ids = () => drawbridge.broker.snapshot().servers.map(({ id }) => id);

it('names each with its place and whom to ask, and changes nothing, tried or in earnest', async () => {
  policy.put(strict);
  for (const dryRun of [true, false]) {
    const { faults, steps, done } = await apply(odd, dryRun);
    const said = Object.fromEntries(
      faults.map(({ path, message, hint }) => [path.join('.'), [message, hint]]),
    );
    const rule = (text: string) => [expect.stringContaining(text), 'Ask help@acme.example.'];
    expect(said).toEqual({
      'servers.other.url': rule('allowedHosts.servers'),
      'servers.login.issuer': rule('allowedHosts.signIn'),
      'servers.named.signIn': rule('login.other.example is not in allowedHosts.signIn'),
      'servers.asks.source': rule('git.other.example is not in allowedHosts.signIn'),
      'servers.runs.source': rule('command-sources'),
      'servers.lax.signIn.exceptions': rule('sign-in-exceptions'),
      'servers.files.command': rule('local-servers'),
    });
    expect([steps, done, ids()]).toEqual([[], 0, []]);
  }
});

it('names who may not vouch for callers at the door, or that the door is off', async () => {
  const file: File = {
    doors: {
      http: {
        publicAddress: 'https://mcp.acme.example',
        verify: { kind: 'jwks', issuer: 'https://login.other.example' },
      },
    },
  };
  policy.put(strict);
  const named = await apply(file, true);
  expect(named.faults).toMatchObject([
    { path: ['doors', 'http', 'verify'], message: expect.stringContaining('login.other.example') },
  ]);
  policy.put({ disabled: ['http-door'] });
  expect((await apply(file)).faults).toMatchObject([
    { path: ['doors', 'http', 'verify'], message: expect.stringContaining('http-door') },
  ]);
});

it('leaves what is there already as it is, and takes no change to it that is forbidden', async () => {
  expect((await apply(odd)).problem).toBeUndefined();
  policy.put(strict);
  const again = await apply(odd);
  expect([again.faults, again.steps.filter(({ does }) => does !== 'nothing')]).toEqual([[], []]);
  const named = await apply({ servers: { other: { ...odd.servers?.['other'], title: 'Other' } } });
  expect([named.faults, named.done]).toEqual([[], 1]);

  const { faults } = await apply({
    servers: {
      fine: { url: 'http://localhost:9/fine', open: true },
      runs: { url: `${here}/runs`, source: { ...program, command: ['another'] } },
      files: { command: { program: 'another', args: [], env: {} } },
      lax: { url: `${here}/lax`, signIn: { exceptions: ['issuer-slash', 'pkce-off'] } },
    },
  });
  expect(faults.map(({ path }) => path.join('.')).sort()).toEqual([
    'servers.files.command',
    'servers.fine.url',
    'servers.lax.signIn.exceptions',
    'servers.runs.source',
  ]);
});

it('while the policy has a fault nothing is imported, which is said when it is only tried; exporting goes on', async () => {
  await apply({ servers: { fine: { url: `${here}/fine`, open: true } } });
  policy.putText('{ "disabeld": [] }');
  const two: File = { servers: { two: { url: `${here}/two`, open: true } } };
  const tried = await apply(two, true);
  expect(tried.faults).toMatchObject([{ path: [], message: expect.stringContaining('disabeld') }]);
  await expect(apply(two)).rejects.toMatchObject({ code: 'policy-faulty' });
  const { present, faults } = await apply({}, true);
  expect([Object.keys(present.servers), faults, ids()]).toEqual([['fine'], [], ['fine']]);
});
