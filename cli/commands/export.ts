/** `drawbridge export [file]` */
import { writeAtomically } from '../../broker/storage/atomic-file.ts';
import type { DrawbridgeFile } from '../../shared/contract/drawbridge-file.ts';
import { fileSchema } from '../../shared/contract/drawbridge-schema.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import { vaultNamesIn } from '../../shared/contract/references.ts';
import type { Command } from '../command.ts';

export const exportFile: Command = {
  usage: 'export [file]',
  summary: 'write servers, accounts and rules as a file that import reads',
  help: [
    '',
    '  --schema  write the JSON schema of such files instead, for editors',
    '',
    'Without a file it goes to standard output. Secrets are only named in it; one that was given without a name gets',
    'one, and the file can be imported elsewhere once `drawbridge secret` has put it into the vault there by that name.',
  ],
  words: [0, 1],
  options: { schema: { type: 'boolean' } },
  run: async ({ words: [file], flag, terminal, control }) => {
    if (flag('schema')) return put(file, fileSchema());
    const client = await control();
    const { present } = await client.applyFile({ file: {}, dryRun: true });
    const { names } = await client.secrets();
    await put(file, tidy(present));
    for (const name of missingIn(present, names))
      terminal.say(
        `to import it elsewhere, keep this secret there first: drawbridge secret ${name}`,
      );
  },
};

/** Without what is empty. */
const tidy = ({ rules, ...rest }: DrawbridgeFile): unknown => ({
  ...rest,
  ...(rules.length === 0 ? {} : { rules }),
});

const missingIn = (file: DrawbridgeFile, names: readonly string[]): readonly string[] =>
  vaultNamesIn(file)
    .filter((name) => !names.includes(name))
    .sort();

const put = async (file: string | undefined, value: unknown): Promise<void> => {
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  if (file === undefined) return void process.stdout.write(text);
  await writeAtomically(file, text).catch((cause: unknown) => {
    throw new ProblemError('bad-usage', `the file ${JSON.stringify(file)} cannot be written`, {
      cause,
    });
  });
};
