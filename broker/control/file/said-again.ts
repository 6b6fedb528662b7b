/** Where a server, or who signs people in to it, becomes another one by a file: what is its credential has to be said again. */
import { keptSecrets } from '../../../shared/contract/client-secrets.ts';
import type { FileFault, FilePath, FileServer } from '../../../shared/contract/drawbridge-file.ts';

/** Both as a file has them, with their addresses spelt alike. */
export interface Turn {
  readonly now: FileServer;
  readonly said: FileServer;
}

/** Whether it is at another address. */
export const hasMoved = ({ now, said }: Turn): boolean =>
  (said.url !== undefined && said.url !== now.url) ||
  (said.issuer !== undefined && said.issuer !== now.issuer);

/** Whether what proves its client would be shown to somebody else than before. */
export const isShownElsewhere = (turn: Turn): boolean =>
  hasMoved(turn) ||
  (['issuer', 'authorizeUrl', 'tokenUrl'] as const).some((name) => {
    const wanted = turn.said.signIn?.[name];
    return wanted !== undefined && wanted !== turn.now.signIn?.[name];
  });

/** Whether secrets that are the same as those that are kept are kept anew all the same: what is kept does not stay. */
export const isKeptAnew = (turn: Turn): boolean =>
  isShownElsewhere(turn) || turn.now.signIn === undefined;

/** A fault for each part that would go along unsaid, to whoever has written the file. */
export const unsaidParts = (turn: Turn, path: FilePath): readonly FileFault[] => [
  ...(hasMoved(turn) ? rows : [])
    .filter((row) => row.isLeft(turn))
    .map((row) => faultOf(row, path)),
  ...(isShownElsewhere(turn) ? proofs : [])
    .filter((row) => row.isLeft(turn))
    .map((row) => faultOf(row, path)),
];

interface Row {
  readonly part: FilePath;
  readonly isLeft: (turn: Turn) => boolean;
}

const rows: readonly Row[] = [
  {
    part: ['source'],
    isLeft: ({ now, said }) =>
      now.source !== undefined && (said.source ?? said.signIn ?? said.open) === undefined,
  },
  {
    part: ['clientCertificate'],
    isLeft: ({ now, said }) =>
      now.clientCertificate !== undefined && said.clientCertificate === undefined,
  },
  { part: ['signIn', 'idTokenFile'], isLeft: (turn) => isLeftInSignIn(turn, 'idTokenFile') },
];

const proofs: readonly Row[] = ([...keptSecrets, 'clientSecretFrom'] as const).map((name) => ({
  part: ['signIn', name],
  isLeft: (turn) =>
    isLeftInSignIn(turn, name) &&
    // Those of another client are never used with this one's, and a secret takes the place of another.
    (turn.said.signIn?.clientId ?? turn.now.signIn?.clientId) === turn.now.signIn?.clientId &&
    (name === 'clientKey' ||
      (turn.said.signIn?.clientSecret ?? turn.said.signIn?.clientSecretFrom) === undefined),
}));

const isLeftInSignIn = (
  { now, said }: Turn,
  name: 'idTokenFile' | 'clientSecretFrom' | (typeof keptSecrets)[number],
): boolean =>
  now.signIn?.[name] !== undefined &&
  said.signIn?.[name] === undefined &&
  said.source === undefined &&
  said.open === undefined;

const faultOf = ({ part }: Row, path: FilePath): FileFault => ({
  path,
  message: `${part.join('.')} is there for another address, and would be shown at this one`,
  hint: `say ${part.join('.')} as well: as it is, if it is meant for both`,
});
