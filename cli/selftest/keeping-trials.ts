/** Trials of what is kept: over restarts, sealed, for its owner only. */
import { lstat, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isAnswered, type Stage } from './stage.ts';
import { assertHolds, type Lab, Skipped, type Trial } from './trial.ts';

const HOUR = 3_600_000;

const signedIn = async ({ stage }: Lab): Promise<Stage> => {
  const drawbridge = await stage();
  await drawbridge.addServer();
  await drawbridge.signIn();
  return drawbridge;
};

const restart: Trial = {
  id: 'restart',
  name: 'restart',
  does: 'starts Drawbridge again at once, and again after the token has run out',
  mustHold: 'it goes on where it was, without a page to sign in at',
  run: async (lab) => {
    const drawbridge = await signedIn(lab);
    const { clock, call, opened, service } = drawbridge;
    const pauses = [
      ['a restart', 0],
      ['a restart two hours later', 2 * HOUR],
    ] as const;
    for (const [what, ms] of pauses) {
      await drawbridge.restart(async () => clock.shift(ms));
      assertHolds(isAnswered(await call()), `a call failed after ${what}`);
      await drawbridge.reaches('signed-in');
    }
    const isSame = opened.length === 1 && service.grants.reuses() === 0;
    assertHolds(isSame, 'it was not the same sign-in');
  },
};

const sealed: Trial = {
  id: 'sealed',
  name: 'the vault is sealed',
  does: 'looks for every token in every file, the log and what the window is told',
  mustHold: 'none is there in the clear',
  run: async (lab) => {
    const drawbridge = await signedIn(lab);
    const { clock, call, doorKey, folder, service, log, broker } = drawbridge;
    clock.shift(HOUR);
    await call();
    const secrets = [...service.grants.secrets, await doorKey()];
    const places = [
      ...(await filesIn(folder)),
      { name: 'the log', text: log.join('\n') },
      { name: 'the window', text: JSON.stringify(broker().snapshot()) },
    ];
    assertHolds(
      places.some(({ name }) => name.startsWith('vault.')),
      'there is no vault file',
    );
    for (const { name, text } of places) {
      const found = secrets.some((secret) => spellings(secret).some((each) => text.includes(each)));
      assertHolds(!found, `a token is in ${name} in the clear`);
    }
  },
};

interface Place {
  readonly name: string;
  readonly text: string;
}

const filesIn = async (folder: string): Promise<Place[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async ({ parentPath, name }) => ({
      name,
      text: await readFile(path.join(parentPath, name), 'latin1'),
    })),
  );
};

const spellings = (secret: string): string[] => [
  secret,
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('hex'),
];

const damaged: Trial = {
  id: 'damaged-vault',
  name: 'a damaged vault',
  does: 'spoils the vault file while Drawbridge does not run',
  mustHold: 'the copy is opened, or it is said that the vault is damaged; nothing is wiped',
  run: async (lab) => {
    const drawbridge = await signedIn(lab);
    const { folder, service, control } = drawbridge;
    const [file, copy] = ['vault.sealed', 'vault.previous'].map((name) => path.join(folder, name));
    if (file === undefined || copy === undefined) return;
    // One more save, so that the copy has the sign-in in it as well.
    await control().addServer({
      id: 'second',
      url: `${service.url}?second`,
      signIn: { clientId: 'fake-client', clientSecret: 'fake-secret' },
    });
    let before: Buffer | undefined;
    await drawbridge.restart(async () => {
      before = await readFile(copy);
      const bytes = await readFile(file);
      const middle = Math.floor(bytes.length / 2);
      await writeFile(file, bytes.fill(0, middle, middle + 16));
    });
    const { state, problem } = drawbridge.vault();
    assertHolds(problem !== undefined, `nothing was said; the vault is ${state}`);
    if (state === 'open') {
      const account = drawbridge.account()?.state;
      assertHolds(account === 'signed-in', `the copy was opened, and the account is ${account}`);
      return;
    }
    const now = await readFile(copy).catch(() => undefined);
    assertHolds(before !== undefined && now?.equals(before) === true, 'the copy was lost');
  },
};

const ownFiles: Trial = {
  id: 'own-files',
  name: 'files for you alone',
  does: 'looks at who may read what Drawbridge writes',
  mustHold: 'nobody but you',
  run: async (lab) => {
    if (lab.machine.platform === 'win32')
      throw new Skipped('Windows keeps others out of your profile folder as a whole');
    const { folder } = await signedIn(lab);
    const names = ['.', ...(await readdir(folder, { recursive: true }))];
    for (const name of names) {
      // One that is gone again, as those are that are written before they take another's place, is read by nobody.
      const found = await lstat(path.join(folder, name)).catch(undefinedWhenMissing);
      if (found === undefined) continue;
      const isOpen = !found.isSocket() && (found.mode & 0o077) !== 0;
      const mode = (found.mode & 0o777).toString(8);
      assertHolds(
        !isOpen,
        `${name === '.' ? 'the folder' : name} is open to others (mode ${mode})`,
      );
    }
  },
};

const undefinedWhenMissing = (error: unknown): undefined => {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
};

export const keepingTrials: readonly Trial[] = [restart, sealed, damaged, ownFiles];
