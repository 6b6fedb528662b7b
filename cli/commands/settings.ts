/** `drawbridge settings` */
import { Preferences, type PreferencesView } from '../../shared/contract/preferences.ts';
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Command } from '../command.ts';
import { fullPath } from '../full-path.ts';
import { readSecretLine } from '../read-secret.ts';

type Name = keyof Preferences;

const names: Readonly<Record<string, Name>> = {
  proxy: 'proxy',
  'no-proxy': 'noProxy',
  'ca-file': 'caFile',
  'client-document': 'clientDocument',
};

export const settings: Command = {
  usage: 'settings',
  summary: 'show or change what holds for every server: proxy, certificates',
  help: [
    '',
    '  --proxy <address>            http://name:port, instead of HTTPS_PROXY and of what the system says',
    '  --proxy-file <file>          the same from the first line of a file, for one with user:password@ in it',
    '  --no-proxy <list>            names, .suffixes and networks that are reached without it',
    '  --ca-file <file>             certificate authorities to trust as well (PEM)',
    '  --client-document <url>      where the client metadata document of Drawbridge is published',
    `  --unset <name>               take it back; may be repeated: ${Object.keys(names).join(', ')}`,
    '',
    'Without options it shows what is set and what is in use.',
  ],
  words: [0, 0],
  options: {
    ...Object.fromEntries(Object.keys(names).map((name) => [name, { type: 'string' as const }])),
    'proxy-file': { type: 'string' },
    unset: { type: 'string', multiple: true },
  },
  run: async ({ option, options, terminal, control }) => {
    const file = option('proxy-file');
    const given = Object.entries(names).map(
      ([flag, name]) => [name, name === 'caFile' ? fullPath(option(flag)) : option(flag)] as const,
    );
    const set = checked({
      ...Object.fromEntries(given.filter(([, value]) => value !== undefined)),
      ...(file === undefined ? {} : { proxy: await readSecretLine(file, terminal) }),
    });
    assertPlainProxy(option('proxy'));
    const unset = options('unset').map(nameOf);
    const client = await control();
    const changes = Object.keys(set).length + unset.length > 0;
    const view = changes
      ? await client.changePreferences({ set, unset })
      : await client.preferences();
    terminal.facts(words(view), view);
  },
};

/** Throws `bad-usage`. */
const checked = (set: unknown): Preferences => {
  const parsed = Preferences.safeParse(set);
  if (parsed.success) return parsed.data;
  const [wrong] = parsed.error.issues[0]?.path ?? [];
  const flag = Object.keys(names).find((name) => names[name] === wrong);
  throw new ProblemError('bad-usage', `what was given as --${flag} cannot be used`, {
    hint: wrong === 'clientDocument' ? 'it has to be an https address with a path' : undefined,
  });
};

const nameOf = (text: string): Name => {
  const name = Object.hasOwn(names, text) ? names[text] : undefined;
  if (name !== undefined) return name;
  throw new ProblemError('bad-usage', `there is nothing called ${JSON.stringify(text)} to unset`, {
    hint: `one of: ${Object.keys(names).join(', ')}`,
  });
};

/** Arguments can be read by every user of the machine. */
const assertPlainProxy = (proxy: string | undefined): void => {
  if (proxy?.includes('@') !== true) return;
  throw new ProblemError('bad-usage', 'a password does not belong into a command line', {
    hint: 'put the address into a file, and give that with --proxy-file',
  });
};

const words = ({ preferences, network, required }: PreferencesView): string =>
  [
    ...Object.entries(names).flatMap(([flag, name]) => {
      const value = preferences[name];
      const password = name === 'proxy' && preferences.hasProxyPassword ? ' (with a password)' : '';
      const whose = required.includes(name) ? ' (set by your administrator)' : '';
      return value === undefined ? [] : [`${flag}: ${value}${password}${whose}`];
    }),
    network.proxy.hosts.length === 0
      ? 'in use: no proxy'
      : `in use: the proxy ${network.proxy.hosts.join(', then ')} (from: ${network.proxy.from})`,
    `trusted besides the usual: ${network.certificates.system} certificates of this machine, ${network.certificates.file} of your file`,
    ...[network.proxy.problem, network.certificates.problem].flatMap((problem) =>
      problem === undefined ? [] : [`problem: ${problem.message}`],
    ),
  ].join('\n');
