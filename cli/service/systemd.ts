/** A unit for the person's own systemd: starts with their session, and again after a crash. */
import type { Service } from './service.ts';

export const systemd: Service = {
  file: ({ home, env }) =>
    `${env['XDG_CONFIG_HOME'] ?? `${home}/.config`}/systemd/user/drawbridge.service`,
  text: ({ command, variables }) => `[Unit]
Description=Drawbridge: one sign-in per MCP server
StartLimitIntervalSec=300
StartLimitBurst=5

[Service]
Type=exec
ExecStart=${command.map((word) => quoted(word, '$')).join(' ')}
${Object.entries(variables)
  .map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}\n`)
  .join('')}Restart=on-failure
RestartSec=5
TimeoutStopSec=20
# A file of its memory would hold tokens.
LimitCORE=0
# Programs that Drawbridge runs are bound by these as well, so nothing is here that hides the person's own files.
NoNewPrivileges=yes
LockPersonality=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
SystemCallArchitectures=native
SystemCallFilter=~@clock @cpu-emulation @module @obsolete @raw-io @reboot @swap
SystemCallErrorNumber=EPERM

[Install]
WantedBy=default.target
`,
  start: () => [
    ['systemctl', '--user', 'daemon-reload'],
    ['systemctl', '--user', 'enable', '--now', 'drawbridge.service'],
  ],
  stop: () => [['systemctl', '--user', 'disable', '--now', 'drawbridge.service']],
  afterwards: 'It starts with your session. To have it run without one: loginctl enable-linger',
};

/** `%` and, in commands, `$` mean something to systemd, in quotes as well. */
const quoted = (word: string, also = ''): string => {
  const escaped = word.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('%', '%%');
  return `"${also === '' ? escaped : escaped.replaceAll(also, () => also + also)}"`;
};
