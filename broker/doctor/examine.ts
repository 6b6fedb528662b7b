/** Walks the whole set-up of a server's sign-in without signing in, and says what it found. */
import type { Check, DoctorReport, Verdict } from '../../shared/contract/doctor.ts';
import { type ProblemCode, toProblem } from '../../shared/contract/problems.ts';
import type { SignInException } from '../../shared/contract/sign-in-settings.ts';
import type { GuardedFetch } from '../net/guarded-fetch.ts';
import type { OutboundView } from '../net/outbound.ts';
import type { Zone } from '../net/zone.ts';
import { type Discovery, discover } from '../oauth/discover.ts';
import { atIssuer, issuerOf, type SignInTarget } from '../oauth/find-sign-in.ts';
import { issuerDocument } from '../oauth/issuer-metadata.ts';
import { presetFor } from '../servers/presets.ts';
import { probe } from '../servers/probe.ts';
import { clientFor, type Examined, signInChecks } from './checks.ts';
import { failed } from './failed.ts';
import { shownAddress, traceFetch } from './traced-fetch.ts';

/** What is examined: a server that was added, or an address that was not. */
export interface Patient extends Omit<Examined, 'found'> {
  readonly target: SignInTarget;
  readonly zone: Zone;
  /** How far the identity provider that it names can vouch for the person. */
  readonly voucher: Check | undefined;
  /** Whether what it is shown of this machine can be shown. */
  readonly certificate?: readonly Check[] | undefined;
  /** How its account is now. */
  readonly account: Check | undefined;
  /** How this machine is left on the way there. */
  readonly network: OutboundView;
}

export interface ExamineDeps {
  readonly fetch: GuardedFetch;
  readonly now: () => number;
  readonly version: string;
}

/** Never rejects for what is wrong with the server: that is what the report is for. */
export const examine = async (
  { fetch, now, version }: ExamineDeps,
  patient: Patient,
): Promise<DoctorReport> => {
  const traced = traceFetch(fetch);
  const { target } = patient;
  const checks = [
    place(patient),
    ...wayOut(patient),
    ...known(target),
    ...(patient.certificate ?? []),
    ...(await walk(traced.fetch, patient)),
    ...[patient.voucher, patient.account].filter((check) => check !== undefined),
  ];
  return {
    at: now(),
    version,
    ...(patient.id === undefined ? {} : { server: patient.id }),
    url: shownAddress(target.url),
    verdict: verdictOf(checks),
    checks,
    requests: traced.requests,
  };
};

/** What the lines of a report come to. */
export const verdictOf = (checks: readonly Check[]): Verdict => {
  const bad = checks.filter(({ tone }) => tone === 'bad');
  if (bad.length > 0)
    return bad.every(({ code }) => code !== undefined && passing.has(code))
      ? 'try-later'
      : 'broken';
  return checks.some(({ tone }) => tone === 'attention') ? 'needs-you' : 'ready';
};

/** Says nothing of the set-up behind it: somebody could not be asked, or had troubles of their own. */
const passing: ReadonlySet<ProblemCode> = new Set([
  'server-unreachable',
  'server-too-slow',
  'server-trouble',
]);

const places: Readonly<Record<Zone, string>> = {
  public: 'on the internet: what it names may not be in your own network',
  private: 'in your own network: what it names may be there as well',
  loopback: 'on this machine: what it names may be here as well',
};

const place = ({ target, zone }: Patient): Check => ({
  tone: 'good',
  text: `${target.url.host} is ${places[zone]}`,
});

const wayOut = ({ network: { proxy, certificates } }: Patient): Check[] => [
  ...[proxy.problem, certificates.problem]
    .filter((problem) => problem !== undefined)
    .map((problem) => failed(problem)),
  ...(proxy.hosts.length === 0
    ? []
    : [good(`it is asked through the proxy ${proxy.hosts.join(', then ')} (from: ${proxy.from})`)]),
  ...(certificates.file === 0
    ? []
    : [good(`${certificates.file} certificates of your own file are trusted as well`)]),
];

const good = (text: string): Check => ({ tone: 'good', text });

const known = ({ url }: SignInTarget): Check[] => {
  const preset = presetFor(url);
  if (preset === undefined) return [];
  const { title, says = 'it needs nothing special' } = preset;
  return [{ tone: 'good', text: `${title} is known to Drawbridge: ${says}` }];
};

const walk = async (fetch: GuardedFetch, patient: Patient): Promise<Check[]> => {
  const { target } = patient;
  const checks: Check[] = [];
  const found = (discovery: Discovery): Promise<Check[]> =>
    signInChecks({ ...patient, found: discovery });
  try {
    if (target.isIdentityProvider) {
      const issuer = issuerOf(target.url);
      const discovery = await despiteExceptions(patient, checks, async (exceptions) =>
        atIssuer(await issuerDocument(fetch, issuer, exceptions)),
      );
      return [...checks, ...(await found(discovery))];
    }
    let discovery: Discovery | undefined;
    const { findings } = await probe(target.url, fetch, async (url, challenge) => {
      const here = await despiteExceptions(patient, checks, (exceptions) =>
        discover(fetch, url, challenge, {
          ...{ holdsClient: patient.holdsClient, exceptions, service: patient.settled.service },
        }),
      );
      discovery = here;
      return { ...here, client: clientFor({ ...patient, found: here }) };
    });
    return [...checks, ...(discovery === undefined ? findings : await found(discovery))];
  } catch (error) {
    return [...checks, failed(toProblem(error), patient.id)];
  }
};

/** Goes on past a rule that could be waived, having said so: what comes behind it is worth knowing as well. */
const despiteExceptions = async (
  { settled, id }: Patient,
  checks: Check[],
  look: (exceptions: ReadonlySet<SignInException>) => Promise<Discovery>,
): Promise<Discovery> => {
  const waived = new Set(settled.exceptions);
  for (;;) {
    try {
      return await look(waived);
    } catch (error) {
      const problem = toProblem(error);
      if (problem.exception === undefined || waived.has(problem.exception)) throw error;
      checks.push(failed(problem, id));
      waived.add(problem.exception);
    }
  }
};
