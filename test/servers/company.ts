/** A company: one identity provider, and MCP servers whose authorization servers take its word. */
import { type AuthorizationServer, startAuthorizationServer } from './authorization-server.ts';
import { type McpTestServer, startMcpServer } from './mcp-server.ts';

export interface Department {
  readonly as: AuthorizationServer;
  readonly mcp: McpTestServer;
  /** Drawbridge at its authorization server. */
  readonly clientId: string;
}

export interface Company extends AsyncDisposable {
  readonly idp: AuthorizationServer;
  readonly departments: readonly [Department, Department];
  /** The authorization servers that the provider vouches at, by issuer: Drawbridge's client id there. */
  readonly vouchesFor: Map<string, string>;
}

/** Drawbridge at the identity provider. */
export const ID_AT_IDP = 'drawbridge-at-idp';
export const SECRET_AT_IDP = 'fake-secret-at-idp';
/** At the authorization server of every department. */
export const SECRET_AT_AS = 'fake-secret-at-department';

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';

export const startCompany = async (): Promise<Company> => {
  await using undo = new AsyncDisposableStack();
  const vouchesFor = new Map<string, string>();
  const idp = undo.use(
    await startAuthorizationServer({
      tellsWho: true,
      scopes: [],
      vouches: vouchesFor,
      clients: [
        {
          client_id: ID_AT_IDP,
          client_secret: SECRET_AT_IDP,
          redirect_uris: ['http://127.0.0.1/callback'],
          application_type: 'native',
          grant_types: ['authorization_code', 'refresh_token', TOKEN_EXCHANGE],
        },
      ],
    }),
  );
  const department = async (name: string): Promise<Department> => {
    const clientId = `drawbridge-at-${name}`;
    const as = undo.use(
      await startAuthorizationServer({
        trusts: { issuer: idp.issuer, jwksUri: idp.jwksUri },
        clients: [
          {
            client_id: clientId,
            client_secret: SECRET_AT_AS,
            redirect_uris: [],
            response_types: [],
            grant_types: [JWT_BEARER],
          },
        ],
      }),
    );
    vouchesFor.set(as.issuer, clientId);
    const mcp = undo.use(await startMcpServer({ authorizationServer: as }));
    return { as, mcp, clientId };
  };
  const departments = [await department('sales'), await department('stock')] as const;
  const running = undo.move();
  return { idp, departments, vouchesFor, [Symbol.asyncDispose]: () => running.disposeAsync() };
};
