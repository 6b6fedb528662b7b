/** Are AWS's credentials found wherever AWS's own tools leave them, and do requests that are signed with them hold? */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNet } from '../../../../broker/net/guarded-fetch.ts';
import { createPlatformFetch } from '../../../../broker/net/platform-fetch.ts';
import { systemClock } from '../../../../broker/system-clock.ts';
import { awsSource } from '../../../../broker/tokens/sources/aws/aws-source.ts';
import { splitCommand } from '../../../../broker/tokens/sources/aws/split-command.ts';
import { createRun } from '../../../../broker/tokens/sources/run-program.ts';
import { headersOf } from '../../../../broker/tokens/sources/shown.ts';
import type { Minted } from '../../../../broker/tokens/sources/source.ts';
import { Secret } from '../../../../broker/vault/secret.ts';
import { TokenSource, type TokenSourceOf } from '../../../../shared/contract/token-sources.ts';
import { createConcealing } from '../../../doubles/concealing.ts';
import { type Aws, POD_TOKEN, REGION, ROLE, startAws, WEB_IDENTITY } from '../../../servers/aws.ts';
import { objectionTo } from '../../../servers/sigv4.ts';

const net = createNet(systemClock);
const { conceal, watching, openly } = createConcealing();
afterEach(() => expect(openly()).toEqual([]));
const platform = createPlatformFetch(systemClock);
const SERVICE = 'bedrock-agentcore';
let aws: Aws;
let home: string;
let env: Record<string, string | undefined>;

beforeEach(async () => {
  aws = await startAws();
  aws.keys.set('AKIASTATIC', { secret: 'canary-static' });
  home = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
  await mkdir(path.join(home, '.aws', 'sso', 'cache'), { recursive: true });
  env = { ...aws.env, HOME: home, PATH: process.env['PATH'] };
});
afterEach(async () => {
  await aws[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

const write = async (name: string, text: string): Promise<string> => {
  const file = path.join(home, name);
  await writeFile(file, text);
  return file;
};
const config = (text: string): Promise<string> => write('.aws/config', text);
const keysOf = (name: string, secret = 'canary-static'): string =>
  `[${name}]\naws_access_key_id = AKIASTATIC\naws_secret_access_key = ${secret}\n`;

const mint = (rest: object = {}, now: () => number = Date.now): Promise<Minted> => {
  const settings = { kind: 'aws-sigv4', region: REGION, service: SERVICE, ...rest };
  return awsSource(TokenSource.parse(settings) as TokenSourceOf<'aws-sigv4'>, {
    resolve: (value) =>
      Promise.resolve(new Secret(value === '${vault:S}' ? 'canary-static' : value)),
    ...{
      run: createRun({ after: systemClock.after, clean: (text) => text }),
      ...{ conceal, fetch: watching(net.fetchFor('loopback')) },
      env,
      now,
    },
    platform: watching(platform.fetch),
  }).mint(new AbortController().signal);
};

const HERE = 'https://bedrock-agentcore.eu-central-1.amazonaws.com';
/** What AWS would say to a request that is signed so. */
const verdict = async (
  minted: Minted,
  target = '/runtimes/arn%3Aaws%3Abedrock%3Aeu%3A1%2Fx/invocations?qualifier=DEFAULT',
  body: string | undefined = '{"jsonrpc":"2.0"}',
): Promise<string | undefined> => {
  const method = body === undefined ? 'GET' : 'POST';
  const url = new URL(target, HERE);
  const headers = { 'Content-Type': 'application/json', 'mcp-session-id': 'a  b', accept: '*/*' };
  const bytes = body === undefined ? undefined : Buffer.from(body);
  const shown = await headersOf(minted, { method, url, headers, body: bytes });
  const lower = Object.fromEntries(
    Object.entries({ ...headers, ...shown }).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return objectionTo(
    {
      ...{ method, target: url.pathname + url.search, body: bytes ?? Buffer.alloc(0) },
      headers: { ...lower, host: url.host },
    },
    { keys: (id) => aws.keys.get(id), region: REGION, service: SERVICE, now: Date.now },
  );
};

const signInFile = (name: string): string =>
  path.join(home, '.aws', 'sso', 'cache', `${createHash('sha1').update(name).digest('hex')}.json`);
const signedIn = (more: object = {}, leftMs = 3_600_000): Promise<void> =>
  writeFile(
    signInFile('company'),
    JSON.stringify({
      ...{ accessToken: 'canary-sso-token', startUrl: 'https://company.awsapps.com/start' },
      ...{ expiresAt: new Date(Date.now() + leftMs).toISOString(), region: REGION },
      ...{ clientId: 'c', clientSecret: 's', refreshToken: 'canary-sso-refresh', ...more },
    }),
  );
const ssoProfile = `[profile work]
sso_session = company
sso_account_id = 123456789012
sso_role_name = Tools
[sso-session company]
sso_start_url = https://company.awsapps.com/start
sso_region = ${REGION}
`;

describe('credentials', () => {
  it('that are named, of the vault', async () => {
    const minted = await mint({ accessKeyId: 'AKIASTATIC', secretAccessKey: '${vault:S}' });
    expect([await verdict(minted), minted.expiresAt]).toEqual([undefined, undefined]);
  });

  it('in the environment, before those of a profile', async () => {
    await config(keysOf('default', 'canary-another'));
    Object.assign(env, { AWS_ACCESS_KEY_ID: 'AKIASTATIC', AWS_SECRET_ACCESS_KEY: 'canary-static' });
    expect(await verdict(await mint())).toBeUndefined();
    aws.keys.set('AKIASTATIC', { secret: 'canary-static', token: 'canary-token' });
    env['AWS_SESSION_TOKEN'] = 'canary-token';
    expect(await verdict(await mint())).toBeUndefined();
  });

  it.each([
    ['that is the default one', {}, () => config(keysOf('default'))],
    [
      'of the config file',
      { profile: 'a b' },
      () => config(`\uFEFF# x\r\n${keysOf('profile "a b"')}`),
    ],
    ['of the credentials file', { profile: 'c' }, () => write('.aws/credentials', keysOf('c'))],
    [
      'with its keys in one file and its region in the other',
      { profile: 'c' },
      async () => {
        await config('[profile c]\nregion = us-east-1\ns3 =\n  addressing_style = path\n');
        await write(
          '.aws/credentials',
          `[c]\n${keysOf('c').split('\n').slice(1).join(' ; said so\n')}`,
        );
      },
    ],
    [
      'that the environment names',
      {},
      () => {
        env['AWS_PROFILE'] = 'c';
        return write('.aws/credentials', keysOf('c'));
      },
    ],
    [
      'in a file elsewhere',
      { profile: 'c' },
      async () => {
        env['AWS_SHARED_CREDENTIALS_FILE'] = await write('elsewhere', keysOf('c'));
      },
    ],
  ])('of a profile %s', async (_which, rest, prepare) => {
    await prepare();
    expect(await verdict(await mint(rest))).toBeUndefined();
  });

  it('of a profile that has changed, the next time', async () => {
    await config(keysOf('default', 'canary-old'));
    const old = await mint();
    await config(keysOf('default'));
    expect([await verdict(old), await verdict(await mint())]).toEqual([
      ...['SignatureDoesNotMatch', undefined],
    ]);
  });

  it('of a program, which gets no shell and no secret of others', async () => {
    const program = await write(
      'give me.cjs',
      `console.log(JSON.stringify({ Version: 1, AccessKeyId: 'AKIASTATIC', Expiration: '2099-01-01T00:00:00Z',
        SecretAccessKey: process.env.OTHER_SECRET ?? process.env.AWS_HINT + process.argv[2] }))`,
    );
    Object.assign(env, { OTHER_SECRET: 'canary-other', AWS_HINT: 'canary-' });
    await config(`[default]\ncredential_process = "${process.execPath}" "${program}" static`);
    const minted = await mint();
    expect([await verdict(minted), minted.expiresAt]).toEqual([undefined, Date.UTC(2099, 0, 1)]);
    await config(`[default]\ncredential_process = "${process.execPath}" -p 'canary' > /dev/null`);
    await expect(mint()).rejects.toMatchObject({ code: 'source-failed' });
    await config(`[default]\ncredential_process = "${process.execPath}" -p '"canary"'`);
    await expect(mint()).rejects.toMatchObject({ hint: expect.stringContaining('Version 1') });
  });

  it('of a role, with the keys of another profile', async () => {
    await config(
      `[profile tools]\nrole_arn = ${ROLE}\nsource_profile = base\nexternal_id = x\nregion=${REGION}\n${keysOf('profile base')}`,
    );
    const minted = await mint({ profile: 'tools' });
    expect([await verdict(minted), minted.expiresAt]).toEqual([
      ...[undefined, expect.closeTo(Date.now() + 3_600_000, -4)],
    ]);
  });

  it('of a role that takes its own keys, those of another’s role, or those of the environment', async () => {
    await config(`${keysOf('default')}role_arn = ${ROLE}\nsource_profile = default\n`);
    expect(await verdict(await mint())).toBeUndefined();
    await config(
      `[profile c]\nrole_arn = ${ROLE}\nsource_profile = d\n${keysOf('profile d')}role_arn = x\nsource_profile = c\n`,
    );
    expect(await verdict(await mint({ profile: 'c' }))).toBeUndefined();
    await config(`[default]\nrole_arn = ${ROLE}\ncredential_source = Environment\n`);
    const keys = { AWS_ACCESS_KEY_ID: 'AKIASTATIC', AWS_SECRET_ACCESS_KEY: 'canary-static' };
    Object.assign(env, keys);
    expect(await verdict(await mint({ profile: 'default' }))).toBeUndefined();
    expect(aws.asked).toEqual(['AssumeRole', 'AssumeRole', 'AssumeRole']);
  });

  it('of a role for the token of a workload', async () => {
    const file = await write('token', `${WEB_IDENTITY}\n`);
    Object.assign(env, { AWS_ROLE_ARN: ROLE, AWS_WEB_IDENTITY_TOKEN_FILE: file });
    expect(await verdict(await mint())).toBeUndefined();
    await config(`[profile p]\nrole_arn = ${ROLE}\nweb_identity_token_file = ${file}\n`);
    expect(await verdict(await mint({ profile: 'p' }))).toBeUndefined();
    await write('token', 'another');
    await expect(mint()).rejects.toMatchObject({ code: 'source-failed' });
  });

  it('of a sign-in of IAM Identity Center', async () => {
    await config(ssoProfile);
    await signedIn();
    expect(await verdict(await mint({ profile: 'work' }))).toBeUndefined();
    expect(aws.asked).toEqual(['GET /federation/credentials']);
  });

  it('of one of the older form, by its start address', async () => {
    const start = 'https://company.awsapps.com/start';
    await config(
      `[profile old]\nsso_start_url = ${start}\nsso_region = ${REGION}\nsso_account_id = 1\nsso_role_name = Tools\n`,
    );
    const expiresAt = '2099-01-01T00:00:00UTC';
    await writeFile(
      signInFile(start),
      JSON.stringify({ accessToken: 'canary-sso-token', expiresAt }),
    );
    expect(await verdict(await mint({ profile: 'old' }))).toBeUndefined();
  });

  it('of one that has run out, renewed once and kept for AWS’s own tools', async () => {
    await config(ssoProfile);
    await signedIn({ registrationExpiresAt: '2099-01-01T00:00:00Z' }, -1000);
    expect(await verdict(await mint({ profile: 'work' }))).toBeUndefined();
    const kept: unknown = JSON.parse(await readFile(signInFile('company'), 'utf8'));
    expect(kept).toMatchObject({ ...aws.signIn, registrationExpiresAt: '2099-01-01T00:00:00Z' });
    expect((await stat(signInFile('company'))).mode & 0o077).toBe(0);
    expect(await verdict(await mint({ profile: 'work' }))).toBeUndefined();
    expect(aws.asked.filter((each) => each.startsWith('POST'))).toEqual(['POST /token']);
  });

  it.each([
    [4, ['POST /token']],
    [6, []],
  ])('of one that has %i minutes left, renewed where that is little', async (minutes, renewals) => {
    await config(ssoProfile);
    await signedIn({}, minutes * 60_000);
    expect(await verdict(await mint({ profile: 'work' }))).toBeUndefined();
    expect(aws.asked.filter((each) => each.startsWith('POST'))).toEqual(renewals);
  });

  it('of one that is nearly over, although it cannot be renewed just now', async () => {
    await config(ssoProfile);
    await signedIn({ refreshToken: 'canary-no-more' }, 60_000);
    expect(await verdict(await mint({ profile: 'work' }))).toBeUndefined();
  });

  it('of one that AWS’s own tools have renewed meanwhile', async () => {
    await config(ssoProfile);
    await signedIn({ accessToken: 'canary-old', refreshToken: 'canary-used-up' }, -1000);
    aws.meanwhile = () => signedIn();
    expect(await verdict(await mint({ profile: 'work' }))).toBeUndefined();
  });

  it('that the cloud gives an instance or a pod, only where that was asked for', async () => {
    expect(await verdict(await mint({ instance: true }))).toBeUndefined();
    const file = await write('pod', `${POD_TOKEN}\n`);
    Object.assign(env, {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.origin}/pod`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
    });
    expect(await verdict(await mint({ instance: true }))).toBeUndefined();
    const before = aws.asked.length;
    await expect(mint()).rejects.toMatchObject({ message: expect.stringContaining('no profile') });
    expect(aws.asked.length).toBe(before);
  });

  it('are not asked for anywhere but at a metadata service', async () => {
    env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] = 'http://192.0.2.1';
    await expect(mint({ instance: true })).rejects.toMatchObject({ code: 'address-refused' });
    env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] = 'http://metadata.example';
    await expect(mint({ instance: true })).rejects.toMatchObject({ code: 'address-refused' });
  });
});

describe('a signature', () => {
  it.each([
    ['of a GET without a body', '/', undefined],
    ['with an empty body', '/mcp', ''],
    ['of a path with signs in it', "/a%20b/c+d/%E1%88%B4/~(x)'*!/", '{}'],
    ['of a path with dots', '/a/../b//c', '{}'],
    [
      'of a query with signs, twice the same, and an empty one',
      '/?b=%2F%3D&a=2&a=1&a=%20&c=&d',
      '{}',
    ],
    ['of a body with every letter', '/mcp', 'ሴ\u0000\r\n"'],
  ])('%s holds', async (_what, target, body) => {
    await config(keysOf('default'));
    expect(await verdict(await mint(), target, body)).toBeUndefined();
  });

  it('holds what says how the request is meant, and not what is changed on the way', async () => {
    await config(keysOf('default'));
    const headers = {
      ...{ 'Content-Type': 'application/json', Accept: '*/*', 'User-Agent': 'x' },
      ...{ 'Mcp-Session-Id': 'a', 'MCP-Protocol-Version': 'b' },
    };
    const url = new URL(HERE);
    const body = Buffer.from('{}');
    const shown = await headersOf(await mint(), { method: 'POST', url, headers, body });
    expect(/SignedHeaders=([^,]*)/.exec(shown['authorization'] ?? '')?.[1]?.split(';')).toEqual([
      ...['content-type', 'host', 'mcp-protocol-version', 'mcp-session-id'],
      ...['x-amz-content-sha256', 'x-amz-date'],
    ]);
  });

  it('is made by the clock of Drawbridge, anew for each request', async () => {
    await config(keysOf('default'));
    const old = await mint({}, () => Date.now() - 3_600_000);
    expect(await verdict(old)).toBe('RequestExpired');
    const minted = await mint();
    const url = new URL(HERE);
    const sign = (body: string) =>
      headersOf(minted, { method: 'POST', url, headers: {}, body: Buffer.from(body) });
    expect(Object.keys(await sign('a')).sort()).toEqual([
      ...['authorization', 'x-amz-content-sha256', 'x-amz-date'],
    ]);
    expect((await sign('a'))['authorization']).not.toBe((await sign('b'))['authorization']);
  });
});

describe('is told what is wrong', () => {
  const failureOf = async (rest: object = {}): Promise<unknown> => {
    const error: unknown = await mint(rest).catch((thrown: unknown) => thrown);
    expect(JSON.stringify((error as { problem: unknown }).problem)).not.toContain('canary');
    return error;
  };

  it.each<[string, string, string]>([
    ['a profile that is not there', '', 'no profile'],
    ['one that has nothing', '[default]\nregion = x\n', 'no credentials'],
    ['one of aws login', '[default]\nlogin_session = arn\n', 'export-credentials'],
    [
      'roles in a circle',
      `[default]\nrole_arn=${ROLE}\nsource_profile=b\n[profile b]\nrole_arn=${ROLE}\nsource_profile=default\n`,
      'leads back',
    ],
    [
      'a role that wants a code',
      `${keysOf('default')}role_arn=${ROLE}\nsource_profile=default\nmfa_serial=x\n`,
      'MFA',
    ],
    ['a role of nobody', `[default]\nrole_arn=${ROLE}\n`, 'nobody for it'],
    [
      'a role that may not be taken',
      `${keysOf('default')}role_arn=${ROLE}x\nsource_profile=default\n`,
      'does not give the role',
    ],
    [
      'keys that are others',
      `${keysOf('default', 'canary-wrong')}role_arn=${ROLE}\nsource_profile=default\n`,
      'does not give the role',
    ],
    [
      'keys that are none',
      '[default]\naws_access_key_id = canary key\naws_secret_access_key = x\n',
      'no key of AWS',
    ],
    [
      'a program that is none',
      '[default]\ncredential_process = /nowhere/at-all\n',
      'cannot be started',
    ],
    [
      'a sign-in that nobody has made',
      ssoProfile.replace('profile work', 'default'),
      'aws sso login --sso-session company',
    ],
  ])('%s', async (_what, text, words) => {
    await config(text);
    const { message, problem } = (await failureOf()) as {
      message: string;
      problem: { hint: string };
    };
    expect(`${message} ${problem.hint}`).toContain(words);
  });

  it.each([
    ['one that has run out for good', { refreshToken: 'canary-no-more' }, -1000, 'aws sso login'],
    ['one that AWS has ended', { accessToken: 'canary-ended' }, 3_600_000, 'aws sso login'],
  ])('a sign-in: %s', async (_what, more, leftMs, words) => {
    await config(ssoProfile);
    await signedIn(more, leftMs);
    expect(await failureOf({ profile: 'work' })).toMatchObject({
      ...{ code: 'source-failed', hint: expect.stringContaining(words) },
    });
  });

  it('a role of it that is not assigned', async () => {
    await config(ssoProfile.replace('Tools', 'Others'));
    await signedIn();
    expect(await failureOf({ profile: 'work' })).toMatchObject({
      message: expect.stringContaining('the role Others in 123456789012'),
    });
  });

  it('a region that would be another host', async () => {
    delete env['AWS_ENDPOINT_URL_SSO'];
    await config(ssoProfile.replace(`sso_region = ${REGION}`, 'sso_region = evil.example/'));
    await signedIn();
    expect(await failureOf({ profile: 'work' })).toMatchObject({
      hint: expect.stringContaining('sso_region'),
    });
  });

  it('and tried again later while AWS has trouble', async () => {
    aws.failing = 503;
    await config(`${keysOf('default')}role_arn=${ROLE}\nsource_profile=default\n`);
    expect(await failureOf()).toMatchObject({ verdict: 'later' });
    await config(ssoProfile);
    await signedIn();
    expect(await failureOf({ profile: 'work' })).toMatchObject({ verdict: 'later' });
    expect(await failureOf({ instance: true })).toMatchObject({ verdict: 'later' });
  });
});

describe('settings are refused', () => {
  it.each([
    ['with a secret written down', { accessKeyId: 'A', secretAccessKey: 'canary' }],
    ['with half a key', { accessKeyId: 'A' }],
    ['with two places to look', { profile: 'a', instance: true }],
    ['with a region that is a path', { region: 'a/b' }],
    ['without a service', { service: undefined }],
  ])('%s', (_what, rest) => {
    const settings = { kind: 'aws-sigv4', region: REGION, service: SERVICE, ...rest };
    expect(TokenSource.safeParse(settings).success).toBe(false);
  });
});

it.each([
  ['a "b c" d', false, ['a', 'b c', 'd']],
  [
    String.raw`'/a b'/c "x\"y\z" \"q e\ f ''`,
    false,
    ['/a b/c', String.raw`x"y\z`, '"q', 'e f', ''],
  ],
  [
    String.raw`"C:\Program Files\aws.exe" --a 'b c'`,
    true,
    [String.raw`C:\Program Files\aws.exe`, '--a', 'b c'],
  ],
  ['  ', false, []],
])('the line %s of a profile is a program and its words', (line, isWindows, words) => {
  expect(splitCommand(line, isWindows)).toEqual(words);
});
