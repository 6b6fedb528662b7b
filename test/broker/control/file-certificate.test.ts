/** Does a file say which certificate a server is shown, and is one that cannot be shown found before anything changes? */
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RouteBody } from '../../../shared/contract/routes.ts';
import { type Folder, makeFolder } from '../../doubles/folder.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { type Authority, createAuthority } from '../../servers/certificates.ts';
import { startMcpServer } from '../../servers/mcp-server.ts';
import { startMtlsFront } from '../../servers/mtls-front.ts';
import { isOnPath } from '../../servers/on-path.ts';

type Servers = NonNullable<RouteBody<'applyFile'>['file']['servers']>;

const nowhere = 'https://127.0.0.1:9/mcp';
let folder: Folder;
let authority: Authority;
let drawbridge: InProcessBroker;
beforeEach(async () => {
  folder = makeFolder();
  authority = createAuthority();
  drawbridge = await startInProcessBroker();
  await drawbridge.control.changePreferences({ set: { caFile: authority.file } });
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  authority[Symbol.dispose]();
  folder[Symbol.dispose]();
});

const apply = (servers: Servers, more: Partial<RouteBody<'applyFile'>> = {}) =>
  drawbridge.control.applyFile({ file: { servers }, ...more });
const shown = (id = 'one') =>
  drawbridge.broker.snapshot().servers.find((server) => server.id === id)?.clientCertificate;
/** A certificate and its key in one file, as a reference to it. */
const issued = async (name: string, until = 2): Promise<string> => {
  const { key, cert } = authority.issue({ names: ['drawbridge'], until });
  await writeFile(folder.of(name), Buffer.concat([cert, key]));
  return `\${file:${folder.of(name)}}`;
};

describe.skipIf(!isOnPath('openssl'))('the client certificate of a file', () => {
  it('is shown from the first question on, where the server is asked what it wants', async () => {
    await using mcp = await startMcpServer();
    await using front = await startMtlsFront(authority, mcp.url);
    const certificate = await issued('a.pem');
    const { problem, steps } = await apply({
      one: { url: `${front.origin}/mcp`, clientCertificate: { certificate } },
    });
    expect([problem, steps.map(({ does, notes }) => [does, notes])]).toEqual([
      undefined,
      [['add', []]],
    ]);
    expect(drawbridge.stateOf('one')).toBe('open');
    expect(front.shown.length).toBeGreaterThan(0);
    expect(front.shown).not.toContain('none');
  });

  it('changes a field at a time, and a second import changes nothing', async () => {
    const [first, second] = [await issued('a.pem'), await issued('b.pem')];
    const file = (certificate: string): Servers => ({
      one: {
        ...{ title: 'One', url: nowhere, open: true },
        clientCertificate: { certificate, alsoAt: ['https://login.acme.example'] },
      },
    });
    await apply(file(first));
    const { steps } = await apply(file(second));
    expect(steps[0]?.changes).toEqual([
      {
        path: ['servers', 'one', 'clientCertificate', 'certificate'],
        ...{ from: first, to: second },
      },
    ]);
    expect(shown()).toMatchObject({
      ...{ certificate: second, alsoAt: ['https://login.acme.example'] },
    });
    expect((await apply(file(second))).steps).toMatchObject([{ does: 'nothing', changes: [] }]);
    await apply({ one: { url: nowhere, title: 'Other' } });
    expect(shown()?.certificate).toBe(second);
  });

  it('is the same after an export and an import elsewhere', async () => {
    const certificate = await issued('a.pem');
    await apply({
      one: { url: nowhere, open: true, clientCertificate: { certificate } },
      two: { url: `${nowhere}/2`, signIn: {}, clientCertificate: { certificate } },
      three: {
        ...{ url: `${nowhere}/3`, clientCertificate: { certificate } },
        source: { kind: 'bearer', token: certificate },
      },
    });
    const { present } = await apply({}, { dryRun: true });
    for (const id of ['one', 'two', 'three'])
      expect(present.servers[id]?.clientCertificate?.certificate).toBe(certificate);
    await drawbridge[Symbol.asyncDispose]();
    drawbridge = await startInProcessBroker();
    expect((await drawbridge.control.applyFile({ file: present })).problem).toBeUndefined();
    expect((await apply({}, { dryRun: true })).present).toEqual(present);
  });

  it.each([
    ['a file that is not there', { certificate: '${file:/not/there.pem}' }, ''],
    ['a secret that is not there', { certificate: '${vault:NONE}' }, '.certificate'],
  ])('that cannot be shown stops everything: %s', async (_what, clientCertificate, at) => {
    const { faults, steps } = await apply({
      fine: { url: `${nowhere}/fine`, open: true },
      one: { url: nowhere, open: true, clientCertificate },
    });
    expect(faults.map(({ path }) => path.join('.'))).toEqual([
      `servers.one.clientCertificate${at}`,
    ]);
    expect(steps).toEqual([]);
    expect(drawbridge.broker.snapshot().servers).toEqual([]);
  });

  it('has to be good, and its server reached over https', async () => {
    const [good, over] = [await issued('a.pem'), await issued('old.pem', -0.5)];
    const { faults } = await apply({
      old: { url: nowhere, open: true, clientCertificate: { certificate: over } },
      plain: {
        ...{ url: 'http://127.0.0.1:9/mcp', open: true },
        clientCertificate: { certificate: good },
      },
    });
    expect(faults.map(({ path, message }) => [path[1], message])).toEqual([
      ['old', expect.stringContaining('it ran out on')],
      ['plain', expect.stringContaining('without https')],
    ]);
  });
});
