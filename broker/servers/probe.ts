/** What an address turns out to be, told so that a person can follow it. */
import { z } from 'zod';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { ProbeReport } from '../../shared/contract/routes.ts';
import type { ClientSource } from '../../shared/contract/sign-in-settings.ts';
import { plainText } from '../../shared/plain-text.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import { knock, knockAsOld, knocks } from '../net/knock.ts';
import { presetFor } from './presets.ts';

/** Who signs people in to a server, as `oauth/discover.ts` finds it out. */
export type FindSignIn = (
  server: URL,
  challenge: string | null,
) => Promise<{
  readonly issuer: string;
  /** Where the client id for it will come from. */
  readonly client: ClientSource;
  /** Nothing is published: the endpoints are those that an old revision prescribes. */
  readonly guessed: boolean;
}>;

const TIMEOUT_MS = 10_000;

/**
 * Asks `server` who it is, without a token, in the words of both eras, and as of 2024-11-05 at last (T2, T3).
 *
 * Rejects with `not-mcp` when it answers as something else, and with what the fetch and the discovery reject with.
 */
export const probe = async (
  server: URL,
  fetch: GuardedFetch,
  findSignIn: FindSignIn,
): Promise<ProbeReport> => {
  for (const request of knocks) {
    const answer = await knock(fetch, server, request, { timeoutMs: TIMEOUT_MS });
    if (answer.status === 401) return wantsSignIn(server, answer, findSignIn);
    if (answer.status === 429 || answer.status >= 500) {
      throw new ProblemError(
        'server-trouble',
        `${server.host} answered with status ${answer.status}`,
        {
          hint: 'try again later',
        },
      );
    }
    const name = await nameIn(answer);
    if (name !== undefined) {
      return {
        url: server.href,
        name,
        signIn: 'not-needed',
        findings: [
          good(`${server.host} is an MCP server that calls itself ${JSON.stringify(name)}`),
          good('it needs no sign-in'),
        ],
      };
    }
  }
  const old = await knockAsOld(fetch, server);
  if (old instanceof Response) return wantsSignIn(server, old, findSignIn);
  if (old) {
    return {
      ...{ url: server.href, signIn: 'not-needed' },
      findings: [
        good(`${server.host} is an MCP server of the oldest kind (HTTP+SSE)`),
        good('it needs no sign-in'),
      ],
    };
  }
  throw new ProblemError('not-mcp', `${server.host} answers, but not as an MCP server`, {
    hint: 'check the path: it often ends in /mcp',
  });
};

const wantsSignIn = async (
  server: URL,
  answer: Response,
  findSignIn: FindSignIn,
): Promise<ProbeReport> => {
  const { issuer, client, guessed } = await findSignIn(
    server,
    answer.headers.get('www-authenticate'),
  );
  if (guessed) {
    return {
      ...{ url: server.href, signIn: 'oauth', issuer },
      findings: [
        good(`${server.host} wants a sign-in`),
        needsPerson('it does not say where; Drawbridge will try at the server itself'),
      ],
    };
  }
  return {
    url: server.href,
    signIn: 'oauth',
    issuer,
    registration: client,
    findings: [
      good(`${server.host} wants a sign-in`),
      good(`you sign in at ${new URL(issuer).host}`),
      ...(client === 'given' ? [] : known(server)),
      sources[client],
    ],
  };
};

/** What the person has to get first is no news once they have given it. */
const known = (server: URL): Finding[] => {
  const { title, says } = presetFor(server) ?? {};
  return says === undefined ? [] : [needsPerson(`${title} is known to Drawbridge: ${says}`)];
};

type Finding = ProbeReport['findings'][number];

const good = (text: string): Finding => ({ tone: 'good', text });
const needsPerson = (text: string): Finding => ({ tone: 'attention', text });

const sources: Readonly<Record<ClientSource, Finding>> = {
  given: good('Drawbridge signs in there with the client id that you gave'),
  published: good('it reads who Drawbridge is from its client metadata document'),
  registered: good('Drawbridge is registered there already'),
  dynamic: good('Drawbridge can register there by itself'),
  none: needsPerson(
    'Drawbridge cannot register there by itself; it needs a client id from the operator',
  ),
};

/** In the legacy era the name is a member of the result, in the modern one of its `_meta`. */
const Named = z.object({ name: z.string() });
const Answer = z.object({
  jsonrpc: z.literal('2.0'),
  result: z.object({
    serverInfo: Named.optional(),
    _meta: z.object({ 'io.modelcontextprotocol/serverInfo': Named.optional() }).optional(),
  }),
});

const UNNAMED = 'unnamed';

/** Only a server of the modern era refuses in these words; asked for `initialize`, it could only refuse again (T2). */
const ModernRefusal = z.object({
  jsonrpc: z.literal('2.0'),
  error: z.object({ code: z.union([z.literal(-32020), z.literal(-32021), z.literal(-32022)]) }),
});

const nameIn = async (answer: Response): Promise<string | undefined> => {
  const text = await answer.text();
  const isStream = (answer.headers.get('content-type') ?? '').includes('text/event-stream');
  const message = parseJson(isStream ? dataIn(text) : text);
  const parsed = Answer.safeParse(message);
  if (!parsed.success) return ModernRefusal.safeParse(message).success ? UNNAMED : undefined;
  const { serverInfo, _meta } = parsed.data.result;
  const { name = '' } = serverInfo ?? _meta?.['io.modelcontextprotocol/serverInfo'] ?? {};
  return plainText(name) || UNNAMED;
};

/** The data of the last event: the answer closes its stream. */
const dataIn = (stream: string): string =>
  stream.split(/\r?\n\r?\n/).reduce((last, event) => {
    const data = event.split(/\r?\n/).filter((line) => line.startsWith('data:'));
    return data.length === 0 ? last : data.map((line) => line.slice(5)).join('\n');
  }, '');

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // Anything that is not JSON is no answer of an MCP server.
    return undefined;
  }
};
