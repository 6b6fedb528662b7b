/** Answers that are too large, come too slowly, or never. */
import { type Attack, metadataPath, resourcePath, type Scene, saysYes } from '../attack.ts';
import {
  bomb,
  drip,
  endless,
  hints,
  hugeHeader,
  hundredMegabytes,
  raw,
  silence,
} from './floods.ts';

const tooLarge = 'answer-too-large';
const tooSlow = 'server-too-slow';

export const sizesAndTime: readonly Attack[] = [
  {
    name: 'a resource document of 100 MB',
    refusedWith: tooLarge,
    pages: () => ({ [resourcePath]: hundredMegabytes() }),
  },
  {
    name: 'metadata of 100 MB',
    refusedWith: tooLarge,
    pages: () => ({ [metadataPath]: hundredMegabytes() }),
  },
  {
    name: 'a refusal of 100 MB',
    refusedWith: tooLarge,
    pages: () => ({ '/mcp': hundredMegabytes(401) }),
  },
  {
    name: 'an answer to the registration of 100 MB',
    refusedWith: tooLarge,
    pages: () => ({ '/register': hundredMegabytes(201) }),
  },
  {
    name: 'tokens of 100 MB',
    refusedWith: 'server-trouble',
    pages: () => ({ '/token': hundredMegabytes() }),
    browser: saysYes,
  },
  {
    name: 'a document without end',
    refusedWith: tooLarge,
    pages: () => ({ [resourcePath]: endless }),
  },
  ...(['gzip', 'deflate', 'br'] as const).map(
    (coding): Attack => ({
      name: `a document of 100 MB packed by ${coding}`,
      refusedWith: tooLarge,
      pages: () => ({ [metadataPath]: bomb(coding) }),
    }),
  ),
  {
    name: 'tokens of 100 MB packed by gzip',
    refusedWith: 'server-trouble',
    pages: () => ({ '/token': bomb('gzip') }),
    browser: saysYes,
  },
  {
    name: 'a header of 5 MB',
    refusedWith: 'server-unreachable',
    pages: () => ({ [resourcePath]: hugeHeader }),
  },
  {
    name: 'a header that is cut by a line of its own',
    refusedWith: 'server-unreachable',
    pages: () => ({ [resourcePath]: raw('HTTP/1.1 200 OK\r\nx-a: b\rset-cookie: c\r\n\r\n{}') }),
  },
  {
    name: 'two lengths for one answer',
    refusedWith: 'server-unreachable',
    pages: () => ({
      [resourcePath]: raw('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 9\r\n\r\n{}'),
    }),
  },
  {
    name: 'a document of one byte at a time',
    refusedWith: tooSlow,
    pages: (at) => ({ [resourcePath]: drip(at) }),
  },
  {
    name: 'metadata of one byte at a time',
    refusedWith: tooSlow,
    pages: (at) => ({ [metadataPath]: drip(at) }),
  },
  {
    name: 'a stream that never says anything',
    refusedWith: tooSlow,
    typed: (at) => `${at.origin}/stream`,
    pages: (at) => ({ '/stream': drip(at, 'text/event-stream') }),
  },
  { name: 'silence', refusedWith: tooSlow, pages: (at) => ({ [resourcePath]: silence(at) }) },
  {
    name: 'hints without end',
    refusedWith: tooSlow,
    pages: (at) => ({ [resourcePath]: hints(at) }),
  },
  {
    name: 'a registration of one byte at a time',
    refusedWith: tooSlow,
    pages: (at) => ({ '/register': drip(at) }),
  },
  slowTokens('tokens of one byte at a time', drip),
  slowTokens('silence where tokens should be', silence),
];

function slowTokens(name: string, answer: (at: Scene) => ReturnType<typeof drip>): Attack {
  return {
    ...{ name, refusedWith: 'server-trouble' },
    pages: (at) => ({ '/token': answer(at) }),
    browser: saysYes,
  };
}
