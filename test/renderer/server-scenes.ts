/** What the page of a server is told: facts of a sign-in, what the server has, and what a tool answers. */
import type { AccountFacts } from '../../shared/contract/account-facts.ts';
import type { CatalogueItem, CatalogueReply } from '../../shared/contract/catalogue-view.ts';
import type { RouteBody } from '../../shared/contract/routes.ts';
import type { ToolAnswer } from '../../shared/contract/tool-call.ts';
import type { ControlDouble } from './control-double.ts';
import { activityOf, requests } from './scenes.ts';

const MINUTE = 60_000;
const ISSUER = 'https://login.linear.example';
const OTHER_DOCUMENT = `${ISSUER}/.well-known/openid-configuration`;
const DOCUMENT = `${ISSUER}/.well-known/oauth-authorization-server`;

type OfSignIn = Extract<AccountFacts, { kind: 'sign-in' }>;

/** All that can be known of a sign-in. */
export const signInFacts = (more: Partial<OfSignIn> = {}): AccountFacts => ({
  kind: 'sign-in',
  how: 'person',
  held: {
    issuer: { url: ISSUER, from: 'resource-metadata' },
    client: {
      ...{ id: 'client-5f0a', from: 'registered', authMethod: 'none' },
      redirect: 'http://127.0.0.1:43117/callback',
    },
    scopes: {
      asked: ['issues:read', 'issues:write', 'offline_access'],
      from: 'challenge',
      granted: ['issues:read', 'offline_access'],
    },
    resource: { url: 'https://mcp.linear.example/mcp', from: 'resource-metadata' },
    ...{ subject: 'user-8421', label: 'ada@example.org' },
    obtainedAt: Date.now() - 17 * MINUTE,
    expiresAt: Date.now() + 43 * MINUTE,
    renewsAt: Date.now() + 30 * MINUTE,
    ...{ hasRefreshToken: true, renewable: true, shows: 'access-token' },
    accessToken: {
      ...{ form: 'jwt', verified: false, header: { alg: 'ES256', kid: 'k1', typ: 'at+jwt' } },
      claims: [
        { name: 'iss', value: ISSUER },
        { name: 'sub', value: 'user-8421' },
        { name: 'aud', value: 'https://mcp.linear.example/mcp' },
        { name: 'exp', value: '1795312800', at: Date.now() + 43 * MINUTE },
        { name: 'scope', value: 'issues:read offline_access' },
        { name: 'jti' },
        { name: 'https://linear.example/teams', value: '["bridge","tolls"]' },
      ],
      more: 0,
    },
    idToken: { form: 'opaque' },
  },
  endpoints: [
    {
      what: 'resource-metadata',
      url: 'https://mcp.linear.example/.well-known/oauth-protected-resource/mcp',
      from: 'challenge',
    },
    { what: 'service-metadata', url: DOCUMENT, from: 'well-known' },
    { what: 'authorize', url: `${ISSUER}/authorize`, from: 'metadata', at: DOCUMENT },
    { what: 'token', url: `${ISSUER}/token`, from: 'metadata', at: DOCUMENT },
    { what: 'revocation', url: `${ISSUER}/revoke`, from: 'metadata', at: OTHER_DOCUMENT },
  ],
  exceptions: [
    { exception: 'pkce-unadvertised', from: 'settings', heeded: true },
    { exception: 'resource-omitted', from: 'preset', heeded: false },
  ],
  ...more,
});

/** Nobody is signed in, and nothing is known. */
export const nothingKnown: AccountFacts = {
  ...{ kind: 'sign-in', how: 'person' },
  ...{ endpoints: [], exceptions: [] },
};

type Tool = Extract<CatalogueItem, { kind: 'tool' }>;

export const tool = (name: string, more: Partial<Tool> = {}): Tool => ({
  ...{ kind: 'tool', name, hints: {}, inputSchema: { type: 'object', properties: {} } },
  ...more,
});

/** A tool that takes something of every kind. */
export const everyKind: Tool = tool('create_issue', {
  title: 'Create an issue',
  description: 'Creates an issue in a team.\nThe team has to be one of yours.',
  hints: { openWorld: true },
  inputSchema: {
    type: 'object',
    properties: {
      title: { type: 'string', description: 'What the issue is called' },
      body: { type: ['string', 'null'] },
      priority: { type: 'integer', description: 'From 0 to 4', default: 2 },
      estimate: { type: 'number' },
      urgent: { type: 'boolean' },
      state: { enum: ['todo', 'doing', 'done'] },
      team: { $ref: '#/$defs/Team' },
      labels: { type: 'array', items: { type: 'string' } },
      parent: { anyOf: [{ type: 'object' }, { type: 'null' }] },
    },
    required: ['title', 'team'],
    $defs: { Team: { title: 'Team', enum: ['bridge', 'tolls'] } },
  },
});

export const tools: readonly Tool[] = [
  everyKind,
  tool('delete_project', {
    description: 'Deletes a project with all that is in it.',
    hints: { destructive: true },
    inputSchema: {
      type: 'object',
      properties: { project: { type: 'string' } },
      required: ['project'],
    },
  }),
  tool('search', {
    title: 'Search',
    description: 'Finds issues by their words.',
    hints: { readOnly: true, idempotent: true },
    inputSchema: {
      type: 'object',
      properties: { query: { type: 'string' } },
      required: ['query'],
    },
  }),
  tool('run_query', {
    description: 'Takes one of two things.',
    inputSchema: { type: 'object', oneOf: [{ required: ['sql'] }, { required: ['id'] }] },
  }),
];

const items: readonly CatalogueItem[] = [
  ...tools,
  {
    ...{ kind: 'prompt', name: 'summarise', title: 'Summarise a project' },
    description: 'Asks for a summary.',
    arguments: [
      { name: 'project', description: 'Its name', required: true },
      { name: 'length', required: false },
    ],
  },
  {
    ...{ kind: 'resource', name: 'Bridge plan', uri: 'linear://documents/bridge-plan' },
    ...{ mimeType: 'text/markdown', size: 12_400, description: 'How the bridge is to be built.' },
  },
  {
    ...{ kind: 'template', name: 'Issue', uriTemplate: 'linear://issues/{id}' },
    mimeType: 'application/json',
  },
];

const listOf = {
  tool: 'tools',
  prompt: 'prompts',
  resource: 'resources',
  template: 'templates',
} as const;

/** As the broker leafs through `all`. */
export const catalogueOf = (
  all: readonly CatalogueItem[],
  { list, query = '', offset = 0, limit = 50 }: RouteBody<'catalogue'>,
): CatalogueReply => {
  const of = (name: string) => all.filter(({ kind }) => listOf[kind] === name);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = of(list).filter(({ name, title = '', description = '' }) =>
    words.every((word) => `${name} ${title} ${description}`.toLowerCase().includes(word)),
  );
  const shown = found.slice(offset, offset + limit);
  return {
    about: {
      ...{ name: 'linear-mcp', title: 'Linear', version: '3.2.0', protocols: ['2025-11-25'] },
      instructions: 'Ask for a team before you create an issue.',
    },
    lists: Object.values(listOf).map((name) => ({
      ...{ list: name, count: of(name).length, at: Date.now() - 4 * MINUTE },
    })),
    ...{ found: found.length, items: shown },
    ...(offset + shown.length < found.length ? { next: offset + shown.length } : {}),
  };
};

export const result = (content: unknown, more: Partial<ToolAnswer> = {}): ToolAnswer => ({
  ...{ isError: false, more: 0, tookMs: 321, declined: [] },
  text: JSON.stringify(content),
  ...more,
});

/** Something of every kind that a tool may answer. */
export const everyPiece = (): ToolAnswer =>
  result(
    {
      content: [
        { type: 'text', text: 'Created BRI-12.' },
        { type: 'text', text: '{"id":"BRI-12","team":"bridge"}' },
        { type: 'image', mimeType: 'image/png', data: 'A'.repeat(16_000) },
        { type: 'resource_link', uri: 'linear://issues/BRI-12', name: 'BRI-12' },
        { type: 'resource', resource: { uri: 'linear://issues/BRI-12.md', text: '# Creaks' } },
      ],
      structuredContent: { id: 'BRI-12' },
    },
    {
      declined: [
        {
          what: 'elicitation',
          reason:
            'the server asked the person for something, and was told that nobody is there to answer a call by hand',
        },
      ],
    },
  );

/** A window that is told all of it. */
export const tellAll = (
  drawbridge: ControlDouble,
  all: readonly CatalogueItem[] = items,
  facts: AccountFacts = signInFacts(),
): void => {
  drawbridge.on('accountFacts', () => facts);
  drawbridge.on('catalogue', ({ body }) => catalogueOf(all, body as RouteBody<'catalogue'>));
  drawbridge.on('activity', ({ body }) => activityOf(requests, body as RouteBody<'activity'>));
  drawbridge.on('callTool', () => everyPiece());
};
