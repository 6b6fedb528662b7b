/** What the window says of programs that Drawbridge runs itself. */
import type { LocalCommand } from '../../shared/contract/local-server.ts';

export const localWords = {
  switchTo: 'Run a program on this computer instead',
  switchBack: 'Add a server by its address instead',
  title: 'Run a program on this computer',
  help: 'A server that comes as a program. Drawbridge starts it when an AI client asks something of it, and for a moment to learn what it offers.',
  name: 'Name',
  command: {
    label: 'Command',
    help: 'As you would type it in a terminal. No shell reads it: words in quotes stay together.',
    placeholder: 'npx -y @modelcontextprotocol/server-filesystem /home/ada/notes',
    wrong: 'Begin with the name of a program, or with its full path.',
  },
  secrets: {
    legend: 'Secrets',
    help: 'Keys and tokens that it reads from its environment. They are kept in the vault.',
    add: 'Add a secret',
    name: 'Variable',
    value: 'Value',
    remove: 'Remove',
    nth: (at: number) => `secret ${at + 1}`,
    wrong: 'Each secret needs a value and a name of its own, of letters, digits and underscores.',
  },
  more: 'More settings',
  env: {
    label: 'Environment',
    help: 'One NAME=value a line, for what is no secret.',
    placeholder: 'LOG_LEVEL=debug',
    wrong: 'Each line has to be NAME=value, and no name may be given twice.',
  },
  folder: {
    label: 'Folder',
    help: 'Where it starts; your home folder if you leave this empty.',
    wrong: 'Give the full path.',
  },
  processes: {
    legend: 'AI clients',
    kinds: {
      own: {
        title: 'Each has a process of its own',
        help: 'They know nothing of each other. Right for most programs.',
      },
      shared: {
        title: 'All share one process',
        help: 'For a program that is large, or that may run only once.',
      },
    } satisfies Record<LocalCommand['processes'], { title: string; help: string }>,
  },
  next: 'Next',
  cancel: 'Cancel',
  consent: {
    question: 'May Drawbridge run this program?',
    risk: 'It runs with all your rights: now, to learn what it offers, and whenever an AI client asks something of it. Agree only if you trust where the command is from.',
    command: 'The whole command',
    folder: 'Starts in',
    env: 'Environment',
    secrets: 'Secrets, from the vault',
    yes: 'Allow and add',
    no: 'Back',
  },
  ready: 'It is started when an AI client asks something of it.',
  again: { button: 'Try again', busy: 'Starting…' },
  give: { save: 'Save', saving: 'Saving…', label: (name: string) => `Value of ${name}` },
} as const;
