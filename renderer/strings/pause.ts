/** The window's words about the pause. */
export const pauseStrings = {
  message: 'Drawbridge is paused.',
  ends: (moment: string) => `It ends by itself at ${moment}`,
  meaning:
    'AI clients stay connected, but none of their calls is passed on. Sign-ins are kept alive. When Drawbridge ends, so does the pause.',
  resume: 'Resume',
} as const;
