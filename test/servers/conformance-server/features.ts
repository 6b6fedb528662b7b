/** What does the suite want to find at a server? All of it here, for either era. */
import { randomBytes } from 'node:crypto';
import { createRequestStateCodec, McpServer } from '@modelcontextprotocol/server';
import { registerAskingTools } from './asking-tools.ts';
import { registerPlainTools } from './plain-tools.ts';
import { registerPrompts } from './prompts.ts';
import { registerResources } from './resources.ts';
import { type Round, registerRoundTools } from './round-tools.ts';
import type { CreateServer } from './serving.ts';
import { loadSkills } from './skills.ts';
import { registerTellingTools } from './telling-tools.ts';

/** A maker of servers that are the same but for whom they tell of changes. */
export const createFeatures = async (): Promise<CreateServer> => {
  const skills = await loadSkills();
  const state = createRequestStateCodec<Round>({ key: randomBytes(32) });
  return (changes) => {
    const server = new McpServer(
      { name: 'drawbridge-conformance-server', version: '1.0.0' },
      {
        capabilities: {
          tools: { listChanged: true },
          prompts: { listChanged: true },
          resources: { subscribe: true },
          logging: {},
          completions: {},
        },
        requestState: { verify: state.verify },
      },
    );
    registerPlainTools(server);
    registerTellingTools(server, changes);
    registerAskingTools(server);
    registerRoundTools(server, state);
    registerResources(server);
    registerPrompts(server);
    skills.attach(server);
    return server;
  };
};
