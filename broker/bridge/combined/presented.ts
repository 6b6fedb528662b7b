/** What all servers together say of themselves. */
import type { Identity } from '../catalogue/identity.ts';
import type { Member } from './members.ts';

/** What one member may say, and what all may say together; characters. */
const MOST_OF_ONE = 4_000;
const MOST_OF_ALL = 32_000;

/** Extensions that need no more than names and URIs, which are routed. */
const CARRIED_EXTENSIONS = ['io.modelcontextprotocol/ui'];

/**
 * The identity of the combined endpoint.
 *
 * All kinds of list are promised, also while no member has one: members come and get better while an AI client is
 * connected, and what was not promised at the beginning would need its restart. Tasks are not: their ids are not routed.
 */
export const presented = (
  members: readonly Member[],
  identities: ReadonlyMap<Member, Identity>,
  version: string,
): Identity => {
  const extensions = CARRIED_EXTENSIONS.flatMap((name) => {
    const found = [...identities.values()].map(({ capabilities }) =>
      extensionIn(capabilities, name),
    );
    const settings = found.find((one) => one !== undefined);
    return settings === undefined ? [] : [[name, settings]];
  });
  return {
    serverInfo: { name: 'drawbridge', title: 'Drawbridge', version },
    capabilities: {
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { listChanged: true, subscribe: true },
      completions: {},
      logging: {},
      ...(extensions.length === 0 ? {} : { extensions: Object.fromEntries(extensions) }),
    },
    instructions: instructionsOf(members, identities),
  };
};

const extensionIn = ({ extensions }: Identity['capabilities'], name: string): unknown =>
  typeof extensions === 'object' && extensions !== null && Object.hasOwn(extensions, name)
    ? (extensions as Readonly<Record<string, unknown>>)[name]
    : undefined;

const FIRST =
  'Several MCP servers, which Drawbridge presents as one. The name of each tool and prompt begins with its server.';

const instructionsOf = (
  members: readonly Member[],
  identities: ReadonlyMap<Member, Identity>,
): string => {
  let text = FIRST;
  for (const member of members) {
    const section = `\n\n## ${member.title}: ${member.id}_${quoted(identities.get(member)?.instructions)}`;
    if (text.length + section.length <= MOST_OF_ALL) text += section;
  }
  return text;
};

/** Quoted, so that no server can write another one's heading. */
const quoted = (instructions: string | undefined): string =>
  instructions === undefined
    ? ''
    : `\n${instructions
        .slice(0, MOST_OF_ONE)
        .split(/\r\n|[\n\r\u2028\u2029]/)
        .map((line) => `> ${line}`)
        .join('\n')}`;
