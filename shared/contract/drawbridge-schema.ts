/** The JSON schema of a `drawbridge.json`, for editors: what can be said there, and nothing else. */
import { z } from 'zod';
import { DrawbridgeFile } from './drawbridge-file.ts';

export const fileSchema = (): unknown => ({
  ...z.toJSONSchema(DrawbridgeFile, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // A name that means nothing is refused when the file is imported, so an editor may say so.
      if (jsonSchema.properties !== undefined) jsonSchema.additionalProperties = false;
    },
  }),
  title: 'drawbridge.json',
});
