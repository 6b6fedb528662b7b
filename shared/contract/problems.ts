/** What can go wrong, as a person, a program and an HTTP status see it. One row a code. */
import { z } from 'zod';
import { SignInException } from './sign-in-settings.ts';

interface ProblemRow {
  /** What the control plane answers with. */
  readonly status: number;
  /** When it is raised. */
  readonly when: string;
}

/** Every code that leaves the broker. A code never changes its meaning; new meanings get new codes. */
export const problemCodes = {
  'bad-request': { status: 400, when: 'a control request does not have the shape of its route' },
  'not-found': { status: 404, when: 'no such route, server or account' },
  'not-allowed': { status: 403, when: 'this caller may not use this route' },
  'no-session': {
    status: 401,
    when: 'the browser has no session, or its one-time link was used up',
  },
  internal: { status: 500, when: 'a defect of ours' },

  'not-a-url': { status: 400, when: 'what was typed is not a web address' },
  'insecure-url': { status: 400, when: 'plain http to anything but this machine' },
  'unsupported-url': {
    status: 400,
    when: 'a scheme, user name or fragment that has no place in a server address',
  },
  'server-exists': {
    status: 409,
    when: 'the address or the id is taken by a server already there',
  },
  'account-exists': {
    status: 409,
    when: 'the id is taken by an account of the server, or by a server that AI clients know by it',
  },
  'account-needed': {
    status: 409,
    when: 'the account is the only one of its server, or the one of AI clients that name none',
  },
  'one-account-only': {
    status: 422,
    when: 'nobody signs in to the server by hand, so that there is nobody else to be',
  },
  'in-use': {
    status: 409,
    when: 'an identity provider was to be removed that servers sign in with',
  },
  'undo-too-late': {
    status: 409,
    when: 'what was removed cannot be put back: its time is over, or something else is in its place',
  },
  'not-revoked': {
    status: 502,
    when: 'a sign-in was wiped here, and its server has not confirmed that it has ended there',
  },
  'not-mcp': { status: 422, when: 'the address answers, but not as an MCP server' },
  'server-too-slow': { status: 504, when: 'no answer within the time limit' },
  'server-unreachable': { status: 502, when: 'no connection: name, network, refused' },
  'server-trouble': {
    status: 502,
    when: 'the server or its sign-in service answered with an error of its own',
  },
  'tls-failed': { status: 502, when: 'the certificate or the secure connection was refused' },
  'client-certificate-unusable': {
    status: 422,
    when: 'the certificate that a server is to be shown cannot be read, has run out, or is of another key',
  },
  'answer-too-large': { status: 502, when: 'an answer exceeded its size limit' },
  'bad-answer': { status: 502, when: 'an answer is not of the form its standard demands' },
  'address-refused': { status: 502, when: 'a server steered us to an address it may not name' },
  'redirect-refused': { status: 502, when: 'a redirect where none may be followed, or too many' },

  'no-sign-in-service': {
    status: 422,
    when: 'the server wants a sign-in but names no authorization server',
  },
  'resource-mismatch': {
    status: 422,
    when: 'the protected-resource document speaks of another server',
  },
  'issuer-mismatch': {
    status: 422,
    when: 'a document or an answer comes from another issuer than asked',
  },
  'redirect-unwelcome': {
    status: 422,
    when: 'the authorization server does not let a browser come back to this machine',
  },
  'client-key-unusable': {
    status: 422,
    when: 'the private key of a given client cannot be read, or is of a kind the server does not take',
  },
  'device-unsupported': {
    status: 422,
    when: 'the authorization server does not sign people in with a code on another device',
  },
  'identity-provider': {
    status: 422,
    when: 'the identity provider of a server is not there, not signed in, or does not speak for it',
  },
  'pkce-unsupported': {
    status: 422,
    when: 'the authorization server does not offer PKCE with S256',
  },
  'registration-unavailable': { status: 422, when: 'no client id and no way to register one' },
  'registration-refused': {
    status: 422,
    when: 'the authorization server refused to register Drawbridge',
  },
  'no-id-token': {
    status: 422,
    when: 'the server wants to see the ID token of the sign-in, and the sign-in service gave none',
  },
  'sign-in-refused': { status: 422, when: 'the authorization server said no' },
  'access-denied': { status: 422, when: 'the person said no at the authorization server' },
  'sign-in-running': {
    status: 409,
    when: 'a sign-in is under way that is not the one asked for',
  },
  'sign-in-cancelled': { status: 409, when: 'the person cancelled the sign-in' },
  'sign-in-timed-out': { status: 408, when: 'the person did not come back in time' },
  'sign-in-mismatch': { status: 422, when: 'a callback that does not belong to this sign-in' },
  'callback-unavailable': {
    status: 500,
    when: 'the loopback listener for the callback could not be opened',
  },

  'program-unavailable': {
    status: 422,
    when: 'the program of a local server is not there, or the system does not start it',
  },
  'program-failed': { status: 502, when: 'the program of a local server has ended by itself' },
  'secret-missing': {
    status: 422,
    when: 'a local server has a secret variable whose value is not in the vault',
  },

  'call-given-up': { status: 409, when: 'the person gave up a call of a tool made by hand' },
  paused: { status: 503, when: 'the person has paused the bridge, so a call was not passed on' },
  'needs-sign-in': { status: 409, when: 'nobody is signed in, or the sign-in has ended' },
  retrying: { status: 503, when: 'renewal failed for a passing reason and is tried again' },
  offline: { status: 503, when: 'the network or the authorization server cannot be reached' },
  'cannot-save': { status: 507, when: 'the vault cannot be written' },
  'other-person': { status: 409, when: 'tokens came for somebody else than the account is for' },
  'needs-more-access': { status: 409, when: 'the server refused a request for want of scope' },
  'token-refused': { status: 502, when: 'the server refuses a token that was only just issued' },
  'reference-unresolved': {
    status: 422,
    when: 'a value names a secret, a variable or a file that is not there',
  },
  'source-failed': {
    status: 502,
    when: 'a credential that is got without a person could not be got, or is not one',
  },
  'source-unusable': {
    status: 422,
    when: 'how a credential is to be got cannot work: its settings contradict each other',
  },

  'not-approved': { status: 403, when: 'the person did not allow a call that they had marked' },
  'approval-timed-out': {
    status: 408,
    when: 'the person did not say in time whether a marked call may be made',
  },
  'too-many-approvals': { status: 429, when: 'too many calls wait for the person already' },

  'vault-opening': { status: 503, when: 'the vault is being opened' },
  'vault-locked': { status: 503, when: 'the keychain is locked' },
  'vault-denied': { status: 503, when: 'the person or the system refused us the keychain' },
  'vault-slow': { status: 503, when: 'the keychain was asked and has not answered yet' },
  'vault-unanswered': {
    status: 503,
    when: 'the keychain, or the prompt it shows, was not answered in time',
  },
  'vault-keychain-failed': {
    status: 503,
    when: 'the keychain failed in a way not known, or its process ended',
  },
  'vault-no-keychain': { status: 503, when: 'there is no keychain to keep the vault key in' },
  'vault-key-missing': {
    status: 503,
    when: 'a vault exists but the keychain does not hold its key',
  },
  'vault-wrong-key': {
    status: 503,
    when: 'the vault cannot be opened with this key or passphrase',
  },
  'vault-damaged': { status: 503, when: 'the vault file is not one we wrote, whole' },
  'vault-unreadable': { status: 503, when: 'the system does not let us read the vault file' },
  'vault-newer': { status: 503, when: 'the vault was written by a newer Drawbridge' },
  'vault-rolled-back': {
    status: 503,
    when: 'the vault file is older than the one that was open here last',
  },
  'vault-from-copy': {
    status: 503,
    when: 'the vault file could not be used, and the copy before its last save was opened',
  },
  'vault-replaced': {
    status: 503,
    when: 'the vault file was changed from outside while it was open, and was set aside',
  },
  'vault-remains': {
    status: 500,
    when: 'a part of a wiped vault, or an old key of it, could not be removed',
  },
  'activity-remains': { status: 500, when: 'the record of calls could not be removed' },
  'not-yours': {
    status: 500,
    when: 'the data folder, or a file in it, belongs to another user',
  },

  'settings-damaged': {
    status: 500,
    when: 'the settings file could not be read and was set aside',
  },
  'settings-unreadable': {
    status: 500,
    when: 'the system does not let us read the settings file',
  },
  'settings-replaced': {
    status: 500,
    when: 'the settings file was changed from outside while Drawbridge ran, and was set aside',
  },
  'already-running': { status: 409, when: 'another Drawbridge holds this data folder' },
  'not-running': { status: 503, when: 'no Drawbridge answers for this data folder' },
  'door-unavailable': { status: 500, when: 'a door could not be opened' },
  'bad-usage': { status: 400, when: 'a command line that makes no sense' },
  'file-unusable': { status: 422, when: 'a file to be imported says what cannot be' },
  'selftest-failed': { status: 500, when: 'a trial of `drawbridge selftest` did not hold' },

  'proxy-failed': { status: 502, when: 'the proxy on the way to a server cannot be used' },
  'proxy-sign-in': { status: 502, when: 'the proxy wants a sign-in, or refuses the one it got' },
  'ca-file-unusable': { status: 500, when: 'the file of extra certificates cannot be used' },

  'policy-forbids': { status: 403, when: "the administrator's policy does not allow it" },
  'policy-faulty': {
    status: 503,
    when: "the administrator's policy cannot be read, is faulty, or others may write it",
  },
} as const satisfies Record<string, ProblemRow>;

export type ProblemCode = keyof typeof problemCodes;

/** Whether it is the vault as a whole that has something to say, and no single sign-in. */
export const isOfVault = (code: ProblemCode): boolean => code.startsWith('vault-');

export const ProblemCode = z.enum(Object.keys(problemCodes) as [ProblemCode, ...ProblemCode[]]);

/** A problem as it travels: in answers, snapshots and JSON output. */
export const Problem = z.object({
  code: ProblemCode,
  /** One sentence for a person. */
  message: z.string(),
  /** What to do about it, when there is something to do. */
  hint: z.string().optional(),
  /** The rule to allow this server to break, if the person trusts it. */
  exception: SignInException.optional(),
});
export type Problem = z.infer<typeof Problem>;

/** The one error class of the product: a stable code, a sentence for a person, a hint. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly hint: string | undefined;
  readonly exception: SignInException | undefined;

  constructor(
    code: ProblemCode,
    message: string,
    options: {
      hint?: string | undefined;
      exception?: SignInException | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'ProblemError';
    this.code = code;
    this.hint = options.hint;
    this.exception = options.exception;
  }

  /** The part that may leave the process: never the cause, which can hold foreign text. */
  get problem(): Problem {
    return {
      code: this.code,
      message: this.message,
      ...(this.hint === undefined ? {} : { hint: this.hint }),
      ...(this.exception === undefined ? {} : { exception: this.exception }),
    };
  }
}

/** A problem that arrived as data, as an error to throw again. */
export const problemError = ({ code, message, hint, exception }: Problem): ProblemError =>
  new ProblemError(code, message, { hint, exception });

/** Any thrown value as a problem. Unknown errors become `internal` without their text. */
export const toProblem = (error: unknown): Problem =>
  error instanceof ProblemError
    ? error.problem
    : { code: 'internal', message: 'something went wrong inside Drawbridge' };
