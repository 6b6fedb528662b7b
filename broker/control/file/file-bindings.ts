/** What the route of files does: looks at all of a file first, and then makes everything so, a step at a time. */
import { isDeepStrictEqual } from 'node:util';
import type { DoorSettings, DoorView } from '../../../shared/contract/door.ts';
import type {
  ApplyFile,
  DrawbridgeFile,
  FileFault,
  FileServer,
} from '../../../shared/contract/drawbridge-file.ts';
import type { ServerId } from '../../../shared/contract/ids.ts';
import { referenceTo, vaultNamesIn } from '../../../shared/contract/references.ts';
import type { Rule } from '../../../shared/contract/rules.ts';
import type { ServerRecord } from '../../servers/registry.ts';
import type { NamedSecrets } from '../../tokens/named-secrets.ts';
import type { Settlements } from '../../tokens/settle.ts';
import type { Resolve } from '../../tokens/sources/references.ts';
import type { Bindings } from '../handler.ts';
import { fileAfter, spelt } from './after.ts';
import { newAgreements } from './agreements.ts';
import { carryOut, lookAt, type Planned } from './carry-out.ts';
import { type CertificateFaultDeps, certificateFaults } from './certificate-faults.ts';
import { faultsOf } from './faults.ts';
import { type FilePolicy, forbiddenIn } from './forbidden.ts';
import { type GivenSecrets, readGivenSecrets } from './given-secrets.ts';
import { type Asked, ask, createPlacing, type PlaceDeps } from './place-server.ts';
import { type DoorPlanDeps, planDoors } from './plan-doors.ts';
import { planServer, type ServerPlan } from './plan-server.ts';
import { presentFile } from './present.ts';
import { isKeptAnew, unsaidParts } from './said-again.ts';

export interface FileBindingDeps extends Omit<PlaceDeps, 'deeds'> {
  readonly deeds: PlaceDeps['deeds'] & Pick<Bindings, 'addRule' | 'changeDoor' | 'keepSecret'>;
  readonly settlements: Pick<Settlements, 'kept' | 'keepSecrets'>;
  readonly secrets: Pick<NamedSecrets, 'find' | 'names'>;
  /** What references stand for, where these secrets are in the vault as well. */
  readonly resolveWith: (secrets: Readonly<Record<string, string>>) => Resolve;
  /** The port of the HTTP door. */
  readonly port: DoorPlanDeps['port'];
  readonly door: { readonly view: () => DoorView };
  readonly certificates: CertificateFaultDeps['certificates'];
  readonly rules: () => readonly Rule[];
  readonly policy: FilePolicy;
  /** Throws `client-key-unusable`. */
  readonly assertClientKey: (key: string) => void;
}

export const createFileBindings = (deps: FileBindingDeps): Pick<Bindings, 'applyFile'> => {
  const { registry, settlements, secrets, deeds, port } = deps;
  const placing = createPlacing(deps);
  const doorNow = (): DoorSettings => deps.door.view().settings;

  const present = (): DrawbridgeFile =>
    presentFile({
      ...{ records: registry.all, kept: settlements.kept, rules: deps.rules },
      httpPort: port.read,
      door: doorNow,
    });

  const planSecrets = (given: ApplyFile['secrets']): readonly Planned[] =>
    Object.entries(given).map(([name, value]) => {
      const does = secrets.find(name) === undefined ? 'add' : 'nothing';
      return {
        step: { path: ['vault', name], does, changes: [], notes: [] },
        run: async () => {
          await deeds.keepSecret({}, { name, value });
          return [];
        },
      };
    });

  /** A file that brings a secret along must not put it in the place of another one, which others may use. */
  const takenNames = (given: ApplyFile['secrets']): readonly FileFault[] =>
    Object.entries(given).flatMap(([name, value]) => {
      const held = secrets.find(name);
      if (held === undefined || held.reveal() === value) return [];
      const message = `there is another secret ${name} in the vault already`;
      const hint = `if this one is to take its place: drawbridge remove-secret ${name}`;
      return [{ path: ['vault', name], message, hint }];
    });

  const planRules = ({ rules }: DrawbridgeFile, { rules: now }: DrawbridgeFile) =>
    rules.map((rule, index): Planned => {
      const isThere = now.some((other) => isDeepStrictEqual(other, rule));
      const does = isThere ? ('nothing' as const) : ('add' as const);
      const run = async () => {
        await deeds.addRule({}, rule);
        return [];
      };
      return { step: { path: ['rules', index], does, changes: [], notes: [] }, run };
    });

  /** Looked up before anything is changed, so that a secret that is missing stops everything. */
  const readSecrets = async (
    { servers }: DrawbridgeFile,
    now: DrawbridgeFile,
    more: ApplyFile['secrets'],
  ): Promise<ReadonlyMap<ServerId, GivenSecrets>> => {
    const resolve = deps.resolveWith(more);
    const read = Object.entries(servers).map(async ([id, server]) => {
      const there = Object.hasOwn(now.servers, id) ? now.servers[id] : undefined;
      const given = await readGivenSecrets({
        path: ['servers', id],
        ...{ wanted: server, present: there, kept: settlements.kept(id), resolve },
        isAnew: there !== undefined && isKeptAnew({ now: there, said: spelt(server) }),
        assertClientKey: deps.assertClientKey,
      });
      return [id, given] as const;
    });
    return new Map(await Promise.all(read));
  };

  const planOf = (
    id: ServerId,
    server: FileServer,
    { servers }: DrawbridgeFile,
    given: ReadonlyMap<ServerId, GivenSecrets>,
  ): ServerPlan => {
    const there = Object.hasOwn(servers, id) ? servers[id] : undefined;
    return planServer(id, server, there, registry.find(id), given.get(id) ?? nothingGiven);
  };

  const planServers = (
    { servers }: DrawbridgeFile,
    now: DrawbridgeFile,
    given: ReadonlyMap<ServerId, GivenSecrets>,
    asked: ReadonlyMap<ServerId, Asked>,
  ): readonly Planned[] =>
    Object.entries(servers)
      // Others name them.
      .sort(
        ([, one], [, other]) =>
          Number(other.issuer !== undefined) - Number(one.issuer !== undefined),
      )
      .map(([id, server]): Planned => {
        const said = given.get(id) ?? nothingGiven;
        const plan = planOf(id, server, now, given);
        const { step } = plan;
        if (step.does !== 'add')
          return { step, run: () => placing.change(id, server, said, plan).then(() => []) };
        return {
          step,
          run: async () => {
            const answer = asked.get(id) ?? unasked;
            await placing.add(id, server, said, answer);
            return answer.notes;
          },
        };
      });

  /** All at once: one that does not answer costs its time limit, and ten of them no more. */
  const askNew = async ({ servers }: DrawbridgeFile): Promise<ReadonlyMap<ServerId, Asked>> => {
    const unknown = Object.entries(servers).filter(([id]) => registry.find(id) === undefined);
    const asking = unknown.map(
      async ([id, server]) => [id, await ask(server, deps.probe)] as const,
    );
    return new Map(await Promise.all(asking));
  };

  return {
    applyFile: async (_params, { file, secrets: more, dryRun }) => {
      if (needsVault(file, more) || registry.all().some(mayHaveSecrets)) await deps.openVault();
      const now = present();
      const given = await readSecrets(file, now, more);
      const rules = planRules(file, now);
      const added = rules.filter(({ step }) => step.does === 'add').length;
      const hasSecret = (name: string): boolean =>
        Object.hasOwn(more, name) || secrets.names().includes(name);
      const door = doorNow();
      const faults: FileFault[] = [
        ...takenNames(more),
        ...faultsOf(file, {
          ...{ registry, hasSecret, door },
          rules: now.rules.length + added,
        }),
        ...[...given.values()].flatMap((each) => each.faults),
        ...leftUnsaid(file, now),
        ...forbiddenIn(file, {
          ...{ policy: deps.policy, registry, door },
          planOf: (id, server) => planOf(id, server, now, given),
        }),
        ...(await certificateFaults(file, now, { certificates: deps.certificates, hasSecret })),
      ];
      if (faults.length > 0) return { present: now, faults, steps: [], agreements: [], done: 0 };
      const own = new Set(Object.keys(more).map((name) => referenceTo('vault', name)));
      const agreements = [...newAgreements(now, fileAfter(now, file, given), own)];
      const plan = [
        ...planSecrets(more),
        ...planServers(file, now, given, dryRun ? new Map() : await askNew(file)),
        ...rules,
        // Last: what narrows is there before anybody new comes in, and it alone waits for a service elsewhere.
        ...planDoors(file, { door, port, changeDoor: deeds.changeDoor }),
      ];
      return {
        present: now,
        faults,
        agreements,
        ...(dryRun ? lookAt(plan) : await carryOut(plan)),
      };
    },
  };
};

/** What would go along with a server to another address without the file saying so. */
const leftUnsaid = (
  { servers }: DrawbridgeFile,
  { servers: present }: DrawbridgeFile,
): readonly FileFault[] =>
  Object.entries(servers).flatMap(([id, server]) => {
    const now = Object.hasOwn(present, id) ? present[id] : undefined;
    return now === undefined ? [] : unsaidParts({ now, said: spelt(server) }, ['servers', id]);
  });

const unasked: Asked = { tokenSource: 'oauth', notes: [] };

const mayHaveSecrets = ({ signIn }: ServerRecord): boolean => signIn?.clientId !== undefined;

const nothingGiven: GivenSecrets = { signIn: {}, changes: [], faults: [] };

const needsVault = (file: DrawbridgeFile, more: ApplyFile['secrets']): boolean =>
  Object.keys(more).length + vaultNamesIn(file).length > 0;
