/** What does a program see of Drawbridge's own environment? A few names that programs need to work, and nothing else. */

/** As the official SDK has it, and what tells language, time zone and where temporary files go. */
const inherited: readonly string[] = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TERM', 'LANG', 'LANGUAGE', 'LC_ALL', 'LC_CTYPE'],
  ...['TZ', 'TMPDIR', 'XDG_RUNTIME_DIR', 'DISPLAY', 'WAYLAND_DISPLAY'],
];

const inheritedOnWindows: readonly string[] = [
  ...['PATH', 'PATHEXT', 'SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'TEMP', 'TMP'],
  ...['USERNAME', 'USERPROFILE', 'HOMEDRIVE', 'HOMEPATH', 'APPDATA', 'LOCALAPPDATA', 'PROGRAMDATA'],
  ...['PROGRAMFILES', 'PROGRAMFILES(X86)', 'PROCESSOR_ARCHITECTURE', 'NUMBER_OF_PROCESSORS'],
];

type Environment = Readonly<Record<string, string | undefined>>;

/** The part of `own` that programs are given, and of that what they are given besides, by name. */
export const inheritedFrom = (
  own: Environment,
  platform: NodeJS.Platform,
  more: readonly string[] = [],
): Record<string, string> => {
  const isWindows = platform === 'win32';
  const spelt = (name: string): string => (isWindows ? name.toUpperCase() : name);
  const names = new Set([...(isWindows ? inheritedOnWindows : inherited), ...more.map(spelt)]);
  const found = Object.fromEntries(
    Object.entries(own).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined &&
        names.has(spelt(entry[0])) &&
        // Functions that a shell exports: another shell would run them.
        !entry[1].startsWith('()'),
    ),
  );
  for (const [name, value] of Object.entries(found))
    if (spelt(name) === 'PATH') found[name] = withoutNpm(value, isWindows);
  return found;
};

/** npm puts the programs of a project in front, which the person has not where they try a command by hand. */
const withoutNpm = (path: string, isWindows: boolean): string => {
  const between = isWindows ? ';' : ':';
  return path
    .split(between)
    .filter((folder) => !/(^|[\\/])(node_modules[\\/]\.bin|node-gyp-bin)[\\/]?$/.test(folder))
    .join(between);
};
