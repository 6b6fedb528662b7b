/** Tools that answer at once, each with another kind of content. */
import { fromJsonSchema, type McpServer } from '@modelcontextprotocol/server';
import { embedded, picture, recording, says, text } from './content.ts';

const answers = {
  test_simple_text: [text('This is a simple text response for testing.')],
  test_image_content: [picture],
  test_audio_content: [recording],
  test_embedded_resource: [
    embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
  ],
  test_multiple_content_types: [
    text('Multiple content types test:'),
    picture,
    embedded(
      'test://mixed-content-resource',
      'application/json',
      JSON.stringify({ test: 'data', value: 123 }),
    ),
  ],
};

/** Every keyword here must come through `tools/list`. */
const richSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema; nobody awaits it
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
} as const;

/** One argument is repeated in a header of the request. */
const regionSchema = {
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
} as const;

export const registerPlainTools = (server: McpServer): void => {
  for (const [name, content] of Object.entries(answers)) {
    server.registerTool(name, { description: 'Answers the same every time' }, () => ({ content }));
  }
  server.registerTool('test_error_handling', { description: 'Always fails' }, () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  server.registerTool(
    'json_schema_2020_12_tool',
    {
      description: 'Its input is described with all that JSON Schema has',
      inputSchema: fromJsonSchema(richSchema),
    },
    () => says('described well'),
  );
  server.registerTool(
    'test_custom_header',
    { description: 'Wants its region in a header', inputSchema: fromJsonSchema(regionSchema) },
    () => says('for this region'),
  );
};
