/** Builds the window in the pseudo-locale: its catalogues of texts are translated as they are loaded. */
import { fileURLToPath } from 'node:url';
import { mergeConfig, type Plugin } from 'vite';
import config from '../../renderer/vite.config.ts';

const translator = fileURLToPath(new URL('pseudo-locale.ts', import.meta.url));

type Way = 'translate' | 'labelled' | 'marked';

interface Words {
  readonly file: RegExp;
  /** What of its exports is said, and how it is made longer. */
  readonly said: Readonly<Record<string, Way>> | Way;
}

const inShared = (file: string, said: Readonly<Record<string, Way>>): Words => ({
  ...{ file: new RegExp(`shared/${file}\\.ts$`), said },
});

/** Where the window has its words from: its own catalogues, what all surfaces say, and the person's calendar. */
const words: readonly Words[] = [
  { file: /renderer\/strings(\.ts|\/[^/]+\.ts)$/, said: 'translate' },
  {
    file: /renderer\/components\/moment\.ts$/,
    said: { momentText: 'marked', hourText: 'marked', weekdayText: 'marked', dayText: 'marked' },
  },
  {
    file: /renderer\/screens\/credential\/kinds\.ts$/,
    said: { credentialKinds: 'labelled' },
  },
  inShared('account-words', {
    ...{ stateWords: 'translate', wordsOf: 'translate', wantedWords: 'translate' },
  }),
  inShared('activity', {
    ...{ outcomeWords: 'translate', outcomeOf: 'translate' },
    ...{ durationText: 'marked', bytesText: 'marked' },
  }),
  inShared('ai-clients', { 'anyClient.title': 'translate', placeOfEntry: 'translate' }),
  inShared('approval-words', { approvalLine: 'translate' }),
  inShared('capture-words', { cutWords: 'translate' }),
  inShared('expiry', { timeLeft: 'translate', timeAgo: 'translate', aboutSo: 'marked' }),
  inShared('policy-words', { policyLines: 'translate' }),
  inShared('rule-words', { ruleScope: 'translate', ruleParts: 'translate' }),
  inShared('contract/account-facts', { endpointNames: 'translate', factOrigins: 'translate' }),
  inShared('contract/sign-in-settings', { signInExceptions: 'translate' }),
];

const inPseudoLocale: Plugin = {
  name: 'in-pseudo-locale',
  transform: (code, id) => {
    const found = words.find(({ file }) => file.test(id.replaceAll('\\', '/')));
    if (found === undefined) return undefined;
    const exported = Array.from(code.matchAll(/^export const (\w+)/gm), ([, name = '']) => name);
    const said =
      typeof found.said === 'string'
        ? exported.map((name) => [name, found.said] as const)
        : Object.entries(found.said);
    const gone = said.find(([name]) => !exported.includes(name.replace(/\..*/, '')));
    if (gone !== undefined) throw new Error(`${id} does not export ${gone[0]} any more`);
    const whole = said.filter(([name]) => exported.includes(name)).map(([name]) => name);
    return [
      `import { translate, labelled, marked } from ${JSON.stringify(translator)};`,
      // A function cannot be translated where it stands: what is exported under its name is another one.
      code.replace(/^export (?=const (\w+))/gm, (text, name: string) =>
        whole.includes(name) ? '' : text,
      ),
      ...said.map(([name, way]) =>
        whole.includes(name)
          ? `const ${name}InPseudo = ${way}(${name});\nexport { ${name}InPseudo as ${name} };`
          : `${name} = ${way}(${name});`,
      ),
    ].join('\n');
  },
};

export default mergeConfig(config, { plugins: [inPseudoLocale] });
