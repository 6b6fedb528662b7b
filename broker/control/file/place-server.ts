/** Makes one server as a file says. No server is needed for that, and nobody is signed in. */

import type { ClientCertificate } from '../../../shared/contract/client-certificate.ts';
import { keptSecrets, shownPart } from '../../../shared/contract/client-secrets.ts';
import type { FileServer } from '../../../shared/contract/drawbridge-file.ts';
import { DEFAULT_ACCOUNT, type ServerId } from '../../../shared/contract/ids.ts';
import { toProblem } from '../../../shared/contract/problems.ts';
import type { ProbeReport } from '../../../shared/contract/routes.ts';
import type { SignInWish } from '../../../shared/contract/sign-in-settings.ts';
import { locate } from '../../net/locate.ts';
import type { AddLocalFlow } from '../../servers/add-local.ts';
import { presetFor } from '../../servers/presets.ts';
import { type Registry, type ServerRecord, tokenSourceOfProvider } from '../../servers/registry.ts';
import type { MintedBook } from '../../tokens/minted.ts';
import type { Settlements } from '../../tokens/settle.ts';
import type { Unattended } from '../../tokens/unattended.ts';
import type { Bindings } from '../handler.ts';
import { addressOf, kindOf } from './faults.ts';
import type { GivenSecrets } from './given-secrets.ts';
import { variablesOf } from './local-variables.ts';
import type { ServerPlan } from './plan-server.ts';

export interface PlaceDeps {
  readonly registry: Registry;
  readonly localServers: Pick<AddLocalFlow, 'add'>;
  /** Ends the programs of a local server. */
  readonly local: { readonly ended: (server: ServerId) => void };
  readonly settlements: Pick<Settlements, 'kept' | 'keepSecrets'>;
  readonly minted: Pick<MintedBook, 'forget'>;
  readonly unattended: Pick<Unattended, 'begin'>;
  readonly openVault: () => Promise<void>;
  readonly inTurn: <T>(server: string, run: () => Promise<T>) => Promise<T>;
  readonly endAccount: (key: { server: ServerId; account: string }) => Promise<unknown>;
  /** What is at an address. Rejects where nobody answers. */
  readonly probe: (url: string, certificate?: ClientCertificate) => Promise<ProbeReport>;
  readonly deeds: Pick<
    Bindings,
    'addAccount' | 'configureCertificate' | 'configureSignIn' | 'makeDefaultAccount'
  >;
  readonly now: () => number;
}

/** What asking a server came to that does not say how it is signed in to. */
export interface Asked {
  readonly tokenSource: ServerRecord['tokenSource'];
  readonly title?: string | undefined;
  readonly notes: readonly string[];
}

/** How the credential of a new server is got: as the file says, else as the server says, if it can be asked. */
export const ask = async (
  { url, signIn, source, open, accounts = [], clientCertificate }: FileServer,
  probe: PlaceDeps['probe'],
): Promise<Asked> => {
  if (source !== undefined) return { tokenSource: 'minted', notes: [] };
  if (open === true) return { tokenSource: 'none', notes: [] };
  if (url === undefined || signIn !== undefined || accounts.length > 1)
    return { tokenSource: 'oauth', notes: [] };
  try {
    const { signIn: wanted, name } = await probe(url, clientCertificate);
    return { tokenSource: wanted === 'not-needed' ? 'none' : 'oauth', title: name, notes: [] };
  } catch (error) {
    const why = `it could not be asked what it wants: ${toProblem(error).message}`;
    const then = 'it is taken for one that people sign in to; for another, say open or source';
    return { tokenSource: 'oauth', notes: [`${why}. ${then}`] };
  }
};

export const createPlacing = (deps: PlaceDeps) => {
  const { registry, settlements, minted, deeds, inTurn } = deps;

  const keepSecrets = async (server: ServerId, secrets: SignInWish): Promise<void> => {
    if (Object.keys(secrets).length === 0) return;
    await deps.openVault();
    await settlements.keepSecrets(server, { set: secrets, unset: [] });
  };

  const addLocal = async (id: ServerId, { command, title = id }: FileServer): Promise<void> => {
    if (command !== undefined) await deps.localServers.add({ id, title, command, secrets: {} });
  };

  const add = async (
    id: ServerId,
    server: FileServer,
    given: GivenSecrets,
    { tokenSource, title }: Asked,
  ): Promise<void> => {
    const url = addressOf(server);
    if (url === undefined) return addLocal(id, server);
    const kind = kindOf(server);
    const settings = shownPart(server.signIn ?? {});
    const { accounts = [DEFAULT_ACCOUNT], source, open, clientCertificate } = server;
    const isAsked = kind === 'mcp' && source === undefined && open === undefined;
    const preset = isAsked ? presetFor(url)?.signIn : undefined;
    const says = (server.signIn ?? preset) !== undefined;
    registry.add({
      ...{ kind, id, accounts, source, clientCertificate, url: url.href },
      ...(says ? { signIn: { ...preset, ...settings } } : {}),
      defaultAccount: server.defaultAccount ?? accounts[0] ?? DEFAULT_ACCOUNT,
      title: server.title ?? title,
      tokenSource: kind === 'mcp' ? tokenSource : tokenSourceOfProvider(settings),
      zone: await locate(url),
      addedAt: deps.now(),
    });
    try {
      await keepSecrets(id, given.signIn);
    } catch (error) {
      // Half a server, with a client id and no secret, would only fail later and less clearly.
      registry.remove(id);
      throw error;
    }
    deps.unattended.begin(id);
  };

  const endAll = async ({ id: server, accounts, tokenSource }: ServerRecord): Promise<void> => {
    for (const account of accounts) {
      if (tokenSource === 'oauth') await deps.endAccount({ server, account });
      minted.forget({ server, account });
    }
  };

  const forgetSecrets = async (server: ServerId): Promise<void> => {
    if (Object.keys(settlements.kept(server)).length > 0)
      await settlements.keepSecrets(server, { set: {}, unset: [...keptSecrets] });
  };

  /**
   * To another address, or to another way to its credential. What was got for one address must not be shown at another, so
   * at no moment the new address stands beside an old credential.
   */
  const turnTo = async (
    record: ServerRecord,
    server: FileServer,
    changed: ReadonlySet<string>,
  ): Promise<void> => {
    const { id, kind, tokenSource } = record;
    const url = addressOf(server);
    const moves = url !== undefined && (changed.has('url') || changed.has('issuer'));
    const next = kind === 'mcp' ? wayOf(server, tokenSource) : tokenSource;
    const isOtherWay = kind === 'mcp' && (next !== tokenSource || changed.has('source'));
    if (!moves && !isOtherWay) return;
    await endAll(record);
    // Settings from before a source came in their place are of nobody who is asked about now.
    const wasHidden = next === 'oauth' && next !== tokenSource;
    if (moves || wasHidden) await forgetSecrets(id);
    registry.amend(id, {
      ...(moves ? { url: url.href, zone: await locate(url) } : {}),
      ...(moves && { clientCertificate: server.clientCertificate }),
      ...(isOtherWay ? { source: server.source, tokenSource: next } : {}),
      ...(wasHidden
        ? { signIn: undefined }
        : moves
          ? { signIn: movedSettings(record, server) }
          : {}),
    });
  };

  const changeCommand = (record: ServerRecord, { command }: FileServer): void => {
    if (record.command === undefined || command === undefined) return;
    const { folder: _folder, ...rest } = record.command;
    registry.amend(record.id, {
      command: { ...rest, ...command, ...variablesOf(command, record) },
    });
    deps.local.ended(record.id);
  };

  const change = async (
    id: ServerId,
    server: FileServer,
    given: GivenSecrets,
    { changed, signIn }: ServerPlan,
  ): Promise<void> => {
    await inTurn(id, async () => {
      if (changed.has('title') && server.title !== undefined)
        registry.amend(id, { title: server.title });
      await turnTo(registry.get(id), server, changed);
      if (changed.has('command')) changeCommand(registry.get(id), server);
    });
    const { accounts = [], defaultAccount, clientCertificate } = server;
    if (changed.has('clientCertificate'))
      await deeds.configureCertificate({ server: id }, { clientCertificate });
    const set = { ...signIn, ...given.signIn } as SignInWish;
    if (Object.keys(set).length > 0)
      await deeds.configureSignIn({ server: id }, { set, unset: [] });
    for (const account of accounts)
      if (!registry.get(id).accounts.includes(account))
        await deeds.addAccount({ server: id }, { account });
    if (changed.has('defaultAccount') && defaultAccount !== undefined)
      await deeds.makeDefaultAccount({ server: id, account: defaultAccount }, undefined);
  };

  return { add, change };
};

/** How its credential is got from then on. */
const wayOf = (
  { source, open, signIn }: FileServer,
  now: ServerRecord['tokenSource'],
): ServerRecord['tokenSource'] =>
  source !== undefined ? 'minted' : open === true ? 'none' : signIn !== undefined ? 'oauth' : now;

/** Without what names a credential and is not said again. */
const movedSettings = (
  { signIn }: ServerRecord,
  { signIn: said = {} }: FileServer,
): ServerRecord['signIn'] => {
  if (signIn === undefined) return undefined;
  const { clientSecretFrom, idTokenFile, ...rest } = signIn;
  return {
    ...rest,
    ...(said.clientSecretFrom === undefined ? {} : { clientSecretFrom }),
    ...(said.idTokenFile === undefined ? {} : { idTokenFile }),
  };
};
