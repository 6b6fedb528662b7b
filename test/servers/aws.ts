/** The parts of AWS that give credentials: STS, IAM Identity Center with its sign-in service, and a metadata service. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { readBody, sendJson, startLoopbackServer } from './loopback-server.ts';
import { type KnownKey, objectionTo, type ReceivedRequest } from './sigv4.ts';

export const REGION = 'eu-central-1';
export const ROLE = 'arn:aws:iam::123456789012:role/tools';
export const WEB_IDENTITY = 'canary-web-identity';
export const POD_TOKEN = 'canary-of-the-pod';

const LIFE_MS = 3_600_000;

export interface Aws extends AsyncDisposable {
  readonly origin: string;
  /** The variables that AWS's own tools find other addresses in. */
  readonly env: Readonly<Record<string, string>>;
  /** Every key that holds, by its id. */
  readonly keys: Map<string, KnownKey>;
  /** What was asked: the path, or the action. */
  readonly asked: readonly string[];
  /** The sign-in of IAM Identity Center that holds, and what renews it. */
  readonly signIn: { accessToken: string; refreshToken: string };
  /** Answers everything with this, while it is set. */
  failing: number | undefined;
  /** What happens while a sign-in is renewed. */
  meanwhile: () => Promise<void>;
}

export const received = (req: IncomingMessage, body: Buffer): ReceivedRequest => ({
  ...{ method: req.method ?? '', target: req.url ?? '', headers: req.headers, body },
});

export const startAws = async (): Promise<Aws> => {
  const keys = new Map<string, KnownKey>();
  const asked: string[] = [];
  const signIn = { accessToken: 'canary-sso-token', refreshToken: 'canary-sso-refresh' };
  const state = { failing: undefined as number | undefined, meanwhile: () => Promise.resolve() };
  const metadataTokens = new Set<string>();

  const issue = () => {
    const id = `ASIA${keys.size}`;
    const secret = `canary-secret-${randomUUID()}`;
    const token = `canary-session-${randomUUID()}`;
    const endsAt = Date.now() + LIFE_MS;
    keys.set(id, { secret, token, endsAt });
    return { id, secret, token, endsAt, end: new Date(endsAt).toISOString() };
  };
  const served = () => {
    const { id, secret, token, end } = issue();
    const plain = { AccessKeyId: id, SecretAccessKey: secret, Token: token, Expiration: end };
    return { Code: 'Success', Type: 'AWS-HMAC', ...plain };
  };

  const sts = (request: ReceivedRequest): { status: number; xml: string } => {
    const form = new URLSearchParams(request.body.toString());
    const action = form.get('Action') ?? '';
    asked.push(action);
    const rules = { region: REGION, service: 'sts', now: Date.now };
    const objection =
      action === 'AssumeRole'
        ? objectionTo(request, { ...rules, keys: (id) => keys.get(id) })
        : form.get('WebIdentityToken') === WEB_IDENTITY
          ? undefined
          : 'InvalidIdentityToken';
    if (objection !== undefined || form.get('RoleArn') !== ROLE) {
      const code = objection ?? 'AccessDenied';
      return {
        status: 403,
        xml: `<ErrorResponse><Error><Code>${code}</Code></Error></ErrorResponse>`,
      };
    }
    const { id, secret, token, end } = issue();
    const all = { AccessKeyId: id, SecretAccessKey: secret, SessionToken: token, Expiration: end };
    const xml = Object.entries(all).map(([name, value]) => `<${name}>${value}</${name}>`);
    const result = `<Credentials>\n${xml.join('\n')}\n</Credentials>`;
    return { status: 200, xml: `<${action}Response>${result}</${action}Response>` };
  };

  const server = await startLoopbackServer(() => async (req, res) => {
    const body = await readBody(req);
    const { pathname, searchParams } = new URL(req.url ?? '/', 'http://aws');
    if (pathname !== '/') asked.push(`${req.method} ${pathname}`);
    if (state.failing !== undefined) return sendJson(res, state.failing, {});
    if (pathname === '/') {
      const { status, xml } = sts(received(req, body));
      res.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
      return;
    }
    if (pathname === '/federation/credentials') {
      if (req.headers['x-amz-sso_bearer_token'] !== signIn.accessToken)
        return sendJson(res, 401, { message: 'Session token not found or invalid' });
      if (searchParams.get('role_name') !== 'Tools') return sendJson(res, 403, {});
      const { id, secret, token, endsAt } = issue();
      const role = { accessKeyId: id, secretAccessKey: secret, sessionToken: token };
      return sendJson(res, 200, { roleCredentials: { ...role, expiration: endsAt } });
    }
    if (pathname === '/token') {
      await state.meanwhile();
      const { refreshToken } = JSON.parse(body.toString()) as { refreshToken: string };
      if (refreshToken !== signIn.refreshToken)
        return sendJson(res, 400, { error: 'invalid_grant' });
      signIn.accessToken = `canary-sso-${randomUUID()}`;
      signIn.refreshToken = `canary-sso-${randomUUID()}`;
      return sendJson(res, 200, { ...signIn, expiresIn: 3600, tokenType: 'Bearer' });
    }
    if (pathname === '/pod')
      return req.headers.authorization === POD_TOKEN
        ? sendJson(res, 200, served())
        : sendJson(res, 401, {});
    // IMDSv2: questions without a token are refused.
    if (req.method === 'PUT' && pathname === '/latest/api/token') {
      if (req.headers['x-aws-ec2-metadata-token-ttl-seconds'] === undefined)
        return sendJson(res, 400, {});
      const token = randomUUID();
      metadataTokens.add(token);
      res.end(token);
      return;
    }
    const token = req.headers['x-aws-ec2-metadata-token']?.toString() ?? '';
    if (!metadataTokens.has(token)) return sendJson(res, 401, {});
    if (pathname === '/latest/meta-data/iam/security-credentials/') {
      res.end('the-role');
      return;
    }
    if (pathname === '/latest/meta-data/iam/security-credentials/the-role')
      return sendJson(res, 200, served());
    return sendJson(res, 404, {});
  });
  const { origin } = server;
  return {
    ...{ origin, keys, asked, signIn },
    env: {
      ...{ AWS_ENDPOINT_URL_STS: origin, AWS_ENDPOINT_URL_SSO: origin },
      ...{ AWS_ENDPOINT_URL_SSO_OIDC: origin, AWS_EC2_METADATA_SERVICE_ENDPOINT: origin },
    },
    get failing() {
      return state.failing;
    },
    set failing(status) {
      state.failing = status;
    },
    get meanwhile() {
      return state.meanwhile;
    },
    set meanwhile(meanwhile) {
      state.meanwhile = meanwhile;
    },
    [Symbol.asyncDispose]: server.close,
  };
};
