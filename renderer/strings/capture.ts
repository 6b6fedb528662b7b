/** The window's words about keeping what is said. */
export const captureStrings = {
  /** At the top of the window, as long as it goes on. */
  running: 'Drawbridge keeps what AI clients and servers say.',
  where: (server: string) => `${server}: `,
  allServers: 'All servers',
  ends: (moment: string) => `It ends by itself at ${moment}`,
  meaning:
    'Arguments and results can hold what is private. They stay in the memory of this computer, without the secrets that Drawbridge knows.',
  stop: 'Stop now',
  begin: 'Keep what is said for a while',
  question: 'Keep what AI clients and servers say?',
  consequence:
    'From now on arguments and results are kept as well, so that you can look at them here. It ends by itself, and when Drawbridge stops. An hour after its end nothing is left of it.',
  limits:
    'Long messages are cut, and the oldest make room. Secrets that Drawbridge knows, and what is named like one, are taken out; anything else that is said is in it.',
  server: 'Of which server',
  duration: 'For how long',
  minutes: (count: number) =>
    count < 60 ? `${count} minutes` : count === 60 ? 'An hour' : `${count / 60} hours`,
  confirm: 'Keep it',
  refuse: 'Not now',
  held: 'What was said before is still kept, for an hour at most.',
  forget: 'Forget it now',
  said: 'What was said',
  asked: 'Asked',
  answered: 'Answered',
  noAnswer: 'There was no answer.',
  save: 'To save all of it to a file: drawbridge capture save <file>.',
} as const;
