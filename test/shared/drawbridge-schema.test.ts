/** Is what is published of drawbridge.json what it is? */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { readDrawbridgeFile } from '../../cli/drawbridge-file/read-file.ts';
import { DoorSettings } from '../../shared/contract/door.ts';
import { fileSchema } from '../../shared/contract/drawbridge-schema.ts';
import { SignInWish } from '../../shared/contract/sign-in-settings.ts';
import { TokenSource } from '../../shared/contract/token-sources.ts';

const docs = path.join(import.meta.dirname, '..', '..', 'docs');

const Server = z.looseObject({ properties: z.record(z.string(), z.json()) });
const Schema = z.object({
  properties: z.object({
    servers: z.object({ additionalProperties: Server }),
    doors: z.object({ properties: z.object({ http: Server }) }),
  }),
});

it('the JSON schema in docs is the one of this version (npm run schemas)', async () => {
  const published: unknown = JSON.parse(
    await readFile(path.join(docs, 'drawbridge.schema.json'), 'utf8'),
  );
  expect(published).toEqual(JSON.parse(JSON.stringify(fileSchema())));
});

it('the JSON schema has every setting of a sign-in and every kind of source, and nothing else', () => {
  const { signIn, source } = Schema.parse(fileSchema()).properties.servers.additionalProperties
    .properties;
  expect(Object.keys(Server.parse(signIn).properties)).toEqual(Object.keys(SignInWish.shape));
  expect(signIn).toMatchObject({ additionalProperties: false });
  for (const { shape } of TokenSource.options)
    expect(JSON.stringify(source)).toContain(`"const":"${shape.kind.value}"`);
});

it('the JSON schema has every setting of the HTTP door, and asks for none of them', () => {
  const { http } = Schema.parse(fileSchema()).properties.doors.properties;
  expect(Object.keys(http.properties)).toEqual(['port', ...Object.keys(DoorSettings.shape)]);
  expect(http).toMatchObject({ additionalProperties: false });
  expect(http).not.toHaveProperty('required');
});

it('the examples in docs/drawbridge-file.md can be imported', async () => {
  const text = await readFile(path.join(docs, 'drawbridge-file.md'), 'utf8');
  const examples = [...text.matchAll(/```jsonc\n([\s\S]+?)```/g)].map(([, one = '']) => one);
  const [first, door, ...none] = examples.map(readDrawbridgeFile);
  expect([first?.faults, door?.faults, none]).toEqual([[], [], []]);
  expect(Object.keys(first?.file?.servers ?? {})).toEqual(['linear', 'acme', 'tickets', 'files']);
  expect(door?.file?.doors?.http?.verify?.kind).toBe('jwks');
});
