/** Which member is a request for, and how is it said there? By its name, by its URI, or by what it completes. */
import { z } from 'zod';
import type { ListName } from '../catalogue/lists.ts';
import { withValuesAt } from '../json-text.ts';
import type { Message } from '../leg.ts';
import type { Member, Members } from './members.ts';
import { combinedName, readName } from './names.ts';
import type { Carried } from './part.ts';
import { fits, readPrefixed } from './uris.ts';

export interface Route {
  readonly member: Member;
  /** As the member is told. */
  readonly message: Message;
}

export interface Routes {
  /**
   * Those to ask, one after the other until one does not refuse; none where nobody has it, undefined for what is not said
   * to one of several.
   */
  readonly of: (message: Message) => Promise<readonly Route[]> | undefined;
  /** The member that has a resource, and what it calls it. */
  readonly ofUri: (uri: string, carried: Carried) => Promise<readonly OwnUri[]>;
}

export interface OwnUri {
  readonly member: Member;
  readonly own: string;
}

/** So many are asked for a resource that none of them lists. */
const MOST_ASKED = 4;

const Ref = z.union([
  z.looseObject({ type: z.literal('ref/prompt'), name: z.string() }),
  z.looseObject({ type: z.literal('ref/resource'), uri: z.string() }),
]);

export const createRoutes = (members: Pick<Members, 'all' | 'of'>): Routes => {
  /** The members that were called, the last one first: what is not listed is mostly what an answer of theirs has pointed to. */
  let recent: readonly Member[] = [];

  const byName = async (
    list: ListName,
    name: unknown,
    carried: Carried,
  ): Promise<OwnUri | undefined> => {
    const read = typeof name === 'string' ? readName(name) : undefined;
    const member = read && members.of(read.server);
    if (read === undefined || member === undefined) return undefined;
    const own = read.own ?? (await ownBehind(member, list, String(name), carried));
    return own === undefined ? undefined : { member, own };
  };

  const ofUri: Routes['ofUri'] = async (uri, carried) => {
    const read = readPrefixed(uri);
    if (read !== undefined) {
      const member = members.of(read.server);
      return member === undefined ? [] : [{ member, own: read.own }];
    }
    const all = await Promise.all(
      members.all().map(async (member) => {
        const resources = (await member.parts.known('resources', carried))?.items ?? [];
        const templates = (await member.parts.known('templates', carried))?.items ?? [];
        return { member, resources, templates };
      }),
    );
    const owner =
      all.find(({ resources }) => resources.some(({ own }) => own === uri)) ??
      all.find(({ templates }) => templates.some(({ own }) => fits(own, uri)));
    if (owner !== undefined) return [{ member: owner.member, own: uri }];
    const having = all
      .filter(({ resources, templates }) => resources.length + templates.length > 0)
      .map(({ member }) => member);
    const there = recent.filter((member) => members.all().includes(member));
    return [...new Set([...there, ...having])]
      .slice(0, MOST_ASKED)
      .map((member) => ({ member, own: uri }));
  };

  /** The member that has a template, or a resource, by this very text. */
  const byTemplate = async (uri: string, carried: Carried): Promise<OwnUri | undefined> => {
    const read = readPrefixed(uri);
    if (read !== undefined) return (await ofUri(uri, carried))[0];
    for (const list of ['templates', 'resources'] as const) {
      const all = await Promise.all(
        members
          .all()
          .map(async (member) => ({ member, part: await member.parts.known(list, carried) })),
      );
      const owner = all.find(({ part }) => part?.items.some(({ own }) => own === uri));
      if (owner !== undefined) return { member: owner.member, own: uri };
    }
    return undefined;
  };

  const named =
    (list: ListName): Row =>
    async (message) => {
      const found = await byName(list, message.envelope.params?.name, carriedBy(message));
      if (found === undefined) return [];
      recent = [found.member, ...recent.filter((member) => member !== found.member)];
      return [{ member: found.member, message: withParams(message, { name: found.own }) }];
    };

  const withUri: Row = async (message) => {
    const { uri } = message.envelope.params ?? {};
    if (typeof uri !== 'string') return [];
    const found = await ofUri(uri, carriedBy(message));
    return found.map(({ member, own }) => ({ member, message: withParams(message, { uri: own }) }));
  };

  const completed: Row = async (message) => {
    const { data: ref } = Ref.safeParse(message.envelope.params?.['ref']);
    if (ref === undefined) return [];
    const carried = carriedBy(message);
    const found =
      ref.type === 'ref/prompt'
        ? await byName('prompts', ref.name, carried)
        : await byTemplate(ref.uri, carried);
    if (found === undefined) return [];
    const own = ref.type === 'ref/prompt' ? { name: found.own } : { uri: found.own };
    return [
      {
        member: found.member,
        message: {
          text: withValuesAt(message.text, ['params', 'ref'], own),
          envelope: {
            ...message.envelope,
            params: { ...message.envelope.params, ref: { ...ref, ...own } },
          },
        },
      },
    ];
  };

  const rows: Readonly<Record<string, Row>> = {
    'tools/call': named('tools'),
    'prompts/get': named('prompts'),
    'resources/read': withUri,
    'resources/subscribe': withUri,
    'resources/unsubscribe': withUri,
    'completion/complete': completed,
  };

  return {
    of: (message) => {
      const { method = '' } = message.envelope;
      // A method is any text: one that every object has is none of these.
      return Object.hasOwn(rows, method) ? rows[method]?.(message) : undefined;
    },
    ofUri,
  };
};

type Row = (message: Message) => Promise<readonly Route[]>;

/** The member's own name for one that does not say it all; its lists are asked for when they are not known, or not of now. */
const ownBehind = async (
  member: Member,
  list: ListName,
  name: string,
  carried: Carried,
): Promise<string | undefined> => {
  const ownIn = (items: readonly { readonly own: string }[] = []): string | undefined =>
    items.find(({ own }) => combinedName(member.id, own) === name)?.own;
  return (
    ownIn((await member.parts.known(list, carried))?.items) ??
    ownIn((await member.parts.ask(list, carried)).part?.items)
  );
};

/** Of the modern era. */
export const carriedBy = ({ envelope }: Message): Carried => envelope.params?._meta;

const withParams = (
  { text, envelope, ...rest }: Message,
  changed: Readonly<Record<string, string>>,
): Message => ({
  ...rest,
  text: withValuesAt(text, ['params'], changed),
  envelope: { ...envelope, params: { ...envelope.params, ...changed } },
});
