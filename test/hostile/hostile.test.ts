/** Is everything that an attacker may say or name refused, without a page, a socket or a secret for them? */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consentByScript } from '../servers/authorization-server/consent-by-script.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import { isOnPath } from '../servers/on-path.ts';
import { type Attack, PHISHING } from './attack.ts';
import { type AttackedBroker, HONEST, startAttackedBroker } from './attacked-broker.ts';
import { INTERNET_NAME } from './attacker.ts';
import { type Certificate, trustedCertificate } from './certificate.ts';
import { callbackAttacks } from './corpus/callbacks.ts';
import { challenges } from './corpus/challenges.ts';
import { jsonTricks } from './corpus/json-tricks.ts';
import { mixUps } from './corpus/mix-ups.ts';
import { pagesToOpen } from './corpus/pages-to-open.ts';
import { redirects } from './corpus/redirects.ts';
import { registrations } from './corpus/registrations.ts';
import { renewals } from './corpus/renewals.ts';
import { resources } from './corpus/resources.ts';
import { sizesAndTime } from './corpus/sizes-and-time.ts';
import { steering } from './corpus/steering.ts';
import { tokens } from './corpus/tokens.ts';
import { typedAddresses } from './corpus/typed-addresses.ts';
import { type Struck, strike } from './strike.ts';
import { strikeCallback } from './strike-callback.ts';
import { createTally } from './tally.ts';

const tally = createTally();
afterAll(() => {
  // Not the console, whose lines vanish when all is well.
  process.stdout.write(`${tally.line()}\n`);
});

const withOpenssl = isOnPath('openssl');

const corpus: Readonly<Record<string, readonly Attack[]>> = {
  'an address that a person is talked into typing': typedAddresses,
  'a page to open in the browser (CVE-2025-6514)': pagesToOpen,
  'steering into the network of the person (SSRF, rebinding)': steering,
  'a redirect': redirects,
  'a document that speaks for another server': resources,
  'a mix-up of two authorization servers': mixUps,
  'an answer without end': sizesAndTime,
  'a document that is no document': jsonTricks,
  'a challenge': challenges,
  'an answer to the registration': registrations,
  'an answer with tokens': tokens,
  'a renewal': renewals,
};

/** All that went wrong; nothing but empty lists and false when the attack was refused. */
const harmOf = (
  struck: Struck,
  { refusedWith, spares = [] }: Attack,
  secrets: readonly string[],
) => ({
  refusedWith: struck.problem?.code === refusedWith ? [] : [struck.problem ?? 'nothing'],
  opened: struck.opened,
  sent: struck.sent,
  asked: struck.paths.filter((path) => spares.includes(path)),
  secretsTold: secrets.filter((secret) => struck.heard.includes(secret)).length,
  theirWordsShown: struck.shown.includes(PHISHING),
});
const noHarm = {
  refusedWith: [],
  opened: [],
  sent: [],
  asked: [],
  secretsTold: 0,
  theirWordsShown: false,
};

describe.each(Object.entries(corpus))('%s', (_group, attacks) => {
  let world: AttackedBroker;
  let certificate: Certificate | undefined;
  beforeAll(async () => {
    world = await startAttackedBroker();
    if (withOpenssl) certificate = trustedCertificate(INTERNET_NAME);
  });
  afterAll(async () => {
    certificate?.[Symbol.dispose]();
    await world[Symbol.asyncDispose]();
  });

  it.for(attacks)('$name', async (attack, { skip }) => {
    skip(attack.from === 'the internet' && !withOpenssl, 'there is no openssl');
    const note = tally.begin();
    const first = await strike(world, attack, certificate);
    // Whoever is looked at only when added need but behave once.
    const again = attack.typed === undefined && first.while === 'adding';
    const strikes = again ? [first, await strike(world, attack, certificate, true)] : [first];
    const harms = strikes.map((struck) => harmOf(struck, attack, world.honest.as.needles()));
    note({
      refused: harms.every((harm) => harm.refusedWith.length === 0 && !harm.theirWordsShown),
      opened: harms.flatMap(({ opened }) => opened).length,
      sent:
        harms.flatMap(({ sent, asked }) => [...sent, ...asked]).length +
        harms.reduce((sum, { secretsTold }) => sum + secretsTold, 0),
    });
    for (const harm of harms) expect(harm).toEqual(noHarm);
  });

  it('leaves the honest server as it was, and another one to sign in to', () => staysHonest(world));
});

describe('whoever reaches the listener for the callback', () => {
  let world: AttackedBroker;
  beforeAll(async () => {
    world = await startAttackedBroker();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it.each(callbackAttacks)('$name', async (attack) => {
    const note = tally.begin();
    const struck = await strikeCallback(world, attack);
    const { answers, theirCodes, ...after } = struck;
    note({
      refused: answers.every(({ status }) => status >= 400 && status < 500),
      opened: 0,
      sent: theirCodes.length,
    });
    for (const { status, page } of answers) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(page).not.toContain(PHISHING);
    }
    expect(answers).not.toEqual([]);
    expect(theirCodes).toEqual([]);
    // The person's own answer still counts, and counts once.
    expect(after).toEqual({ codes: ['the-code'], state: 'signed-in', theirWordsShown: false });
  });

  it('leaves the honest server as it was, and another one to sign in to', () => staysHonest(world));
});

const staysHonest = async (world: AttackedBroker): Promise<void> => {
  world.network.begin({});
  world.browseWith((page) => consentByScript(page.href));
  await using another = await startMcpServer({ authorizationServer: world.honest.as });
  await world.control.addServer({ id: 'another', url: another.url });
  expect(await world.signIn('another')).toBeUndefined();
  expect(world.account(HONEST)).toMatchObject({ state: 'signed-in' });
  expect(world.trap.visits()).toBe(0);
  expect(Object.keys(Object.prototype)).toEqual([]);
  const shown = JSON.stringify([world.broker.snapshot(), world.log]);
  expect(world.honest.as.needles().filter((secret) => shown.includes(secret))).toEqual([]);
};
