/** The bridge of one broker: its doors, the ways from them to servers, and the catalogue around those. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { CatalogueReply, CatalogueWish } from '../../shared/contract/catalogue-view.ts';
import type { Check } from '../../shared/contract/doctor.ts';
import { type AccountKey, keyText, type ServerId } from '../../shared/contract/ids.ts';
import type { Problem, ProblemError } from '../../shared/contract/problems.ts';
import type { ToolAnswer, ToolCall } from '../../shared/contract/tool-call.ts';
import type { Logger, Redaction } from '../log/logger.ts';
import type { Clock } from '../ports.ts';
import type { Registry } from '../servers/registry.ts';
import type { Credentials } from '../tokens/credentials.ts';
import type { SignIns } from '../tokens/sign-ins.ts';
import type { StepUps } from '../tokens/step-ups.ts';
import { createCallByHand } from './by-hand.ts';
import { type KeptCatalogue, keepCatalogue } from './catalogue/keep.ts';
import { createPages } from './catalogue/pages.ts';
import { createDoorKeys, type DoorKeyStore, type DoorKeys } from './doors/keys.ts';
import {
  createVerification,
  type Verification,
  type VerificationDeps,
} from './doors/verify/verification.ts';
import type { VerdictStore } from './eras/verdicts.ts';
import { createLegs } from './legs.ts';
import { type Doors, openDoors } from './open-doors.ts';
import { createPausing } from './pausing.ts';
import type { Began } from './seen.ts';
import { type ShapedLegs, type ShapedLegsDeps, shapedLegs } from './shaping/shaped-legs.ts';
import { askingLegs } from './sign-in/asking-legs.ts';
import { createTargets, watchTargets } from './targets.ts';
import { cookiesBySession } from './upstream/cookies.ts';
import { createExchange, type ExchangeDeps } from './upstream/exchange.ts';
import { createLocalLegs } from './upstream/stdio/local-legs.ts';
import { lookAt } from './upstream/stdio/look.ts';
import { createPrograms, type Programs, type ProgramsDeps } from './upstream/stdio/programs.ts';

export interface Bridge {
  readonly view: Doors['view'];
  /** Where the HTTP door is on this machine; undefined while it is not open. */
  readonly httpPort: () => number | undefined;
  readonly keys: DoorKeys;
  readonly verification: Verification;
  readonly shaping: Pick<ShapedLegs, 'rules' | 'approvals' | 'knownTools' | 'view'>;
  /** A page of what the account was last told. Throws `not-found`. */
  readonly page: (key: AccountKey, wish: CatalogueWish) => CatalogueReply;
  /** Calls a tool as the person. Rejects with `not-found` and like `CallByHand`. */
  readonly callTool: (key: AccountKey, call: ToolCall, signal: AbortSignal) => Promise<ToolAnswer>;
  /** Reads servers as their accounts come to be usable. */
  readonly follow: KeptCatalogue['follow'];
  /** Of local servers. */
  readonly programs: Programs;
  /** Ends the programs of a local server that was removed: another may come to have its id. */
  readonly localRemoved: (server: ServerId) => void;
  /** Starts the program of a local server, and tells what came of it. Throws `not-found`. */
  readonly lookAtProgram: (server: ServerId) => Promise<Check[]>;
  /** What the account's server has said of itself; undefined while nobody knows. */
  readonly saidOf: (key: AccountKey) => Readonly<Record<string, unknown>> | undefined;
  /** Whether AI clients may still come in at the HTTP door may be otherwise. */
  readonly look: () => void;
  /** The network may be back. */
  readonly again: () => void;
  /** What the account was last told by its server. */
  readonly forget: (key: AccountKey) => void;
  readonly close: () => Promise<void>;
}

export interface BridgeDeps {
  readonly dataFolder: string;
  readonly socket: { readonly path: string; readonly key: string };
  /** The port that AI clients were told of at first. */
  readonly port: {
    readonly read: () => number | undefined;
    readonly write: (port: number) => void;
  };
  readonly doorKeys: DoorKeyStore;
  /** The tokens that open the HTTP door instead of keys, where it is a shared one. */
  readonly verification: Pick<VerificationDeps, 'store' | 'open'>;
  readonly shaping: Pick<ShapedLegsDeps, 'store' | 'onChange'>;
  /** A server says something else of itself than before. */
  readonly onIdentity: () => void;
  readonly verdicts: VerdictStore;
  readonly registry: Pick<Registry, 'all' | 'get' | 'find' | 'keyAt'>;
  readonly credentials: Credentials;
  readonly stepUps: Pick<StepUps, 'refused'>;
  readonly signIns: Pick<SignIns, 'start' | 'link' | 'ended' | 'running'>;
  /** Where the account was signed in before, if that is known. */
  readonly issuerOf: (key: AccountKey) => string | undefined;
  /** Connections to an origin on behalf of a server. */
  readonly poolTo: ExchangeDeps['poolTo'];
  /** The secrets of local servers, and what programs may see of our own environment. */
  readonly local: Pick<ProgramsDeps, 'assertMayRun' | 'secretsOf' | 'resolve' | 'env' | 'onChange'>;
  /** Why nobody may come in at the HTTP door. */
  readonly httpClosedBy?: () => Problem | undefined;
  /** What AI clients are told while the person has paused the bridge. */
  readonly paused: () => ProblemError | undefined;
  readonly began: Began;
  readonly clock: Clock;
  readonly log: Logger & Redaction;
  readonly version: string;
}

/** Opens it. Rejects with the system's error when the socket cannot be listened at. */
export const openBridge = async (deps: BridgeDeps): Promise<Bridge> => {
  const { credentials, stepUps, poolTo, clock, log, port } = deps;
  const targets = createTargets(deps.registry);
  const keys = createDoorKeys(deps.doorKeys, clock.now);
  const plain = createExchange({
    ...{ credentials, stepUps, poolTo, after: clock.after },
    wants: ({ key, url, home = url }) => {
      const now = targets.of(key)?.upstream;
      return now?.url.href === home.href ? now.credential : undefined;
    },
  });
  const exchange = cookiesBySession(plain);
  const programs = createPrograms({
    ...{ ...deps.local, clock, log },
    find: (server) => {
      const { title, command } = deps.registry.find(server) ?? {};
      return title === undefined || command === undefined ? undefined : { title, command };
    },
  });
  const local = createLocalLegs({
    ...{ programs, clock, version: deps.version },
    isThere: ({ upstream }) => targets.of(upstream.key)?.upstream.url.href === upstream.url.href,
    processesOf: (server) => deps.registry.find(server)?.command?.processes ?? 'own',
  });
  const legs = createLegs({
    ...{ exchange, local, clock, log },
    verdicts: deps.verdicts,
    stateKey: randomBytes(32),
  });
  const catalogue = await keepCatalogue({
    ...{ clock, log, version: deps.version },
    folder: path.join(deps.dataFolder, 'catalogue'),
    find: targets.of,
    onIdentity: deps.onIdentity,
    legs: legs.own,
  });
  /** Calls may come before the door is there that the pages are at. */
  const door: { base: string | undefined } = { base: undefined };
  const verification = createVerification({
    ...{ ...deps.verification, clock, log },
    base: () => door.base,
  });
  /** Who comes with a token is shown no page, and nobody where the door is shut. */
  const pagesAt = (): string | undefined =>
    verification.isOn() || deps.httpClosedBy?.() !== undefined ? undefined : door.base;
  const asking = askingLegs({
    ...{ clock, targetOf: targets.of, signIns: deps.signIns, issuerOf: deps.issuerOf },
    ...{ isUsable: catalogue.isUsable, onUsable: catalogue.onUsable },
    base: pagesAt,
  });
  const shaping = shapedLegs({
    ...{ ...deps.shaping, clock, targetOf: targets.of, targetAt: targets.at },
    toolsOf: (target) => catalogue.known(target)?.lists.tools?.items,
    base: pagesAt,
  });
  const pausing = createPausing(deps.paused);
  const callByHand = createCallByHand({
    ...{ legs: pausing.around(legs), began: deps.began, clock, version: deps.version },
  });
  const pages = createPages();
  const changes = watchTargets(deps.registry);
  const doors = await openDoors({
    ...{ keys, verification, clock, log, socket: deps.socket, began: deps.began },
    exchange: pausing.exchange(exchange),
    closedBy: deps.httpClosedBy,
    wishedPort: port.read(),
    find: targets.at,
    ...{ each: targets.each, onChange: changes.on, version: deps.version },
    isThere: (key) => targets.of(key) !== undefined,
    onUsable: catalogue.onUsable,
    legs: pausing.beforeCalls(
      shaping.around(asking.around(catalogue.around(pausing.around(legs)))),
    ),
    ...{ signInPage: asking.page, approvalPage: shaping.page },
  });
  door.base = doors.view.http;
  let stopLooking = (): void => undefined;
  if (port.read() === undefined && doors.httpPort !== undefined) port.write(doors.httpPort);
  return {
    view: doors.view,
    httpPort: () => doors.httpPort,
    ...{ keys, verification, programs, shaping },
    localRemoved: programs.forget,
    lookAtProgram: async (server) => {
      const target = targets.at(server);
      const { command } = deps.registry.get(server);
      return command === undefined
        ? []
        : lookAt({ legs, programs, clock, version: deps.version }, target, command);
    },
    saidOf: (key) => {
      const target = targets.of(key);
      const { modern, legacy } = (target && catalogue.known(target)?.identities) ?? {};
      return (modern ?? legacy)?.serverInfo;
    },
    page: (key, wish) => pages(catalogue.known(targets.at(keyText(key))), wish),
    callTool: (key, call, signal) => callByHand(targets.at(keyText(key)), call, signal),
    follow: (accounts) => {
      // First: who waits for a sign-in hears of one that went well from the catalogue.
      catalogue.follow(accounts);
      stopLooking = accounts.subscribe(() => {
        asking.look();
        changes.look();
        shaping.approvals.keepOnly((key) => targets.of(key) !== undefined);
      });
    },
    again: catalogue.again,
    look: doors.look,
    forget: (key) => {
      catalogue.forget(key);
      shaping.approvals.keepOnly((other) => keyText(other) !== keyText(key));
    },
    close: async () => {
      stopLooking();
      await doors.close();
      shaping.close();
      await catalogue.close();
      local.close();
      await programs.close();
    },
  };
};
