/** Is what we publish about ourselves what a real server takes? */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { clientDocument } from '../../../broker/oauth/client-document.ts';
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import { startAuthorizationServer } from '../../servers/authorization-server.ts';
import { startMcpServer } from '../../servers/mcp-server.ts';
import { startSigningIn } from './signing-in.ts';

const readPublished = async (): Promise<{ client_id: string }> =>
  JSON.parse(await readFile('docs/client-metadata.json', 'utf8')) as { client_id: string };

describe('the client metadata document (A17, A18)', () => {
  it('that is ready to publish is what the code makes', async () => {
    const published = await readPublished();

    expect(published).toEqual(clientDocument(published.client_id));
    expect(published).toMatchObject({
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
    });
  });

  it('is all that a real server needs, whatever port the browser comes back to', async () => {
    const published = await readPublished();
    await using as = await startAuthorizationServer({
      clientDocuments: { [published.client_id]: published },
    });
    await using mcp = await startMcpServer({ authorizationServer: as });
    await using attempt = startSigningIn(mcp.url, {
      browser: async (address) => void consentByScript(address.href),
      settled: { documentUrl: published.client_id },
    });

    const { client, tokens } = await attempt.done;

    expect(client).toMatchObject({ clientId: published.client_id, authMethod: 'none' });
    expect(tokens.refreshToken?.reveal()).toBeTypeOf('string');
    expect(as.count({ endpoint: 'registration' })).toBe(0);
  });
});
