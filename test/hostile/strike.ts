/** One attack on the broker, and all that came of it. */
import { DEFAULT_ACCOUNT } from '../../shared/contract/ids.ts';
import type { Problem } from '../../shared/contract/problems.ts';
import { type Attack, type Pages, pagesOf, type Scene, type Visit } from './attack.ts';
import { type AttackedBroker, problemOf } from './attacked-broker.ts';
import { type Attacker, INTERNET_NAME, startAttacker } from './attacker.ts';
import type { Certificate } from './certificate.ts';
import { type Contact, INTERNET } from './watched-network.ts';

export interface Struck {
  /** What the person was told, and what they were doing then; undefined when they were let down. */
  readonly problem: Problem | undefined;
  readonly while: 'adding' | 'signing in' | 'renewing';
  /** Pages that the attacker wanted opened: all but the one that the row needs to get to its attack. */
  readonly opened: readonly string[];
  /** Sockets to anybody but the attacker and, from the browser, to Drawbridge. */
  readonly sent: readonly Contact[];
  /** What was shown and logged meanwhile. */
  readonly shown: string;
  readonly paths: readonly string[];
  readonly heard: string;
}

/** Longer than any machine is given, shorter than a person is. */
const MACHINES_MS = 20_000;
const ID = 'attacked';
const account = { server: ID, account: DEFAULT_ACCOUNT };

/** Strikes when the server is added; with `turnsCoat` it behaves until then, and strikes at the sign-in. */
export const strike = async (
  world: AttackedBroker,
  attack: Attack,
  certificate: Certificate | undefined,
  turnsCoat = false,
): Promise<Struck> => {
  await using attacker = await startAttacker(
    attack.from === 'the internet' ? certificate : undefined,
  );
  const at = sceneOf(world, attacker);
  const visits: Promise<unknown>[] = [];
  world.network.begin({ [INTERNET_NAME]: [INTERNET], ...attack.names });
  world.browseWith(async (page) => {
    // A page that should never have come: the harm is done, and nobody has to wait for the end of it.
    const visit = attack.browser?.(visitOf(page), at) ?? world.control.cancelSignIn(account);
    // Looked at in its own time.
    visit.catch(() => undefined);
    visits.push(visit);
  });
  const logged = world.log.length;
  const evil = pagesOf(attack, at);
  const innocent: Pages = pagesOf({ name: 'none', refusedWith: 'internal' }, at);

  // Left over from an attack that was never refused.
  await problemOf(world.control.removeServer(account));
  attacker.serve(turnsCoat ? innocent : evil);
  const url = attack.typed?.(at) ?? `${at.origin}/mcp`;
  let problem = await problemOf(world.control.addServer({ id: ID, url }));
  let during: Struck['while'] = 'adding';
  if (problem === undefined) {
    during = 'signing in';
    attacker.serve(evil);
    problem = await world.signIn(ID);
  }
  if (problem === undefined && attack.renewal !== undefined) {
    during = 'renewing';
    attacker.serve({ ...evil, ...attack.renewal(at) });
    problem = await problemOf(world.control.renew(account));
  }
  await Promise.all(visits);

  const shown = JSON.stringify([problem, world.broker.snapshot(), world.log.slice(logged)]);
  if (during !== 'adding') {
    await world.control.signOut(account);
    await world.control.removeServer(account);
  }
  return {
    ...{ problem, shown },
    while: during,
    opened: unwantedOf(world.opened(), attack, at),
    sent: world.network.contacts().filter(({ port }) => !isExpected(port, world, attack, at)),
    paths: attacker.paths(),
    heard: attacker.heard(),
  };
};

const sceneOf = ({ honest, trap, clock }: AttackedBroker, { origin, port }: Attacker): Scene => ({
  ...{ origin, port },
  trap: trap.port,
  honest: { url: honest.mcp.url, origin: honest.mcp.origin, issuer: honest.as.issuer },
  runOut: () => clock.runOut(MACHINES_MS),
});

export const redirectOf = (page: URL): URL => new URL(page.searchParams.get('redirect_uri') ?? '');

const visitOf = (page: URL): Visit => ({
  page,
  comeBack: (parameters) => {
    const callback = redirectOf(page);
    const all = { state: page.searchParams.get('state') ?? '', ...parameters };
    for (const [name, values] of Object.entries(all)) {
      for (const value of [values].flat()) callback.searchParams.append(name, value);
    }
    return fetch(callback);
  },
});

/** Without the one page that the row needs; and when it did not get there, that. */
const unwantedOf = (opened: readonly URL[], attack: Attack, at: Scene): string[] => {
  const pages = opened.map(({ href }) => href);
  if (attack.browser === undefined) return pages;
  const needed = new URL(attack.opensHonestPage === true ? at.honest.issuer : at.origin).origin;
  const found = opened.findIndex(({ origin }) => origin === needed);
  return found === -1 ? [...pages, 'not the page that was to come'] : pages.toSpliced(found, 1);
};

const isExpected = (port: number, world: AttackedBroker, attack: Attack, at: Scene): boolean => {
  const callbacks = world.opened().map((page) => Number(redirectOf(page).port));
  const honest = attack.opensHonestPage === true ? [Number(new URL(at.honest.issuer).port)] : [];
  return [at.port, ...callbacks, ...honest].includes(port);
};
