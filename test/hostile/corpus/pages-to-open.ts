/** Pages that an authorization server would have the person's browser, or whatever the system takes for one, open. */
import type { Attack, Scene } from '../attack.ts';

type Row = readonly [
  name: string,
  page: string | ((at: Scene) => string),
  refusedWith: Attack['refusedWith'],
  from?: Attack['from'],
];

const rows: readonly Row[] = [
  ['with a command for a scheme nobody knows', 'a:$(calc.exe)', 'address-refused'],
  ['with a command behind an &', 'a:&calc.exe', 'address-refused'],
  ['that is a script', 'javascript:alert(document.cookie)', 'address-refused'],
  ['that is a script in capitals behind a space', ' JAVASCRIPT:alert(1)', 'address-refused'],
  ['that is a script cut in two by a line', 'java\nscript:alert(1)', 'address-refused'],
  ['that is a script of Visual Basic', 'vbscript:msgbox(1)', 'address-refused'],
  ['that is a document', 'data:text/html;base64,PHNjcmlwdD4=', 'address-refused'],
  ['that is a program', 'file:///C:/Windows/System32/calc.exe', 'address-refused'],
  ['that is a program on a share', 'file://evil.example/share/setup.hta', 'address-refused'],
  ['that is a share', 'smb://evil.example/share', 'address-refused'],
  [
    'for the diagnostics of Windows',
    'ms-msdt:/id%20PCWDiagnostic%20/skip%20force',
    'address-refused',
  ],
  [
    'for the search of Windows',
    'search-ms:query=x&crumb=location:\\\\evil.example',
    'address-refused',
  ],
  ['with an ssh option for a host', 'ssh://-oProxyCommand=calc/x', 'address-refused'],
  ['in a blob', 'blob:https://evil.example/1', 'address-refused'],
  ['by plain http', 'http://login.evil.example/authorize', 'address-refused'],
  ['by plain http, begun like this machine', 'http://127.0.0.1.evil.example/', 'address-refused'],
  ['by plain http, at every interface', 'http://0.0.0.0:8080/authorize', 'address-refused'],
  ['by plain http, at a private address in IPv6', 'http://[::ffff:10.0.0.1]/', 'address-refused'],
  ['with a space in its host', 'https://evil.example calc.exe/', 'bad-answer'],
  ['with a command in its host', 'https://$(calc.exe)/authorize', 'address-refused'],
  ['with a command in backticks in its host', 'https://`calc.exe`/authorize', 'address-refused'],
  ['with a command behind an & in its host', 'https://evil.example&calc.exe&/', 'address-refused'],
  ['with a quote in its host', 'https://evil.example"&calc.exe&"/', 'address-refused'],
  ['with a good host as user name', 'https://login.good.example@evil.example/', 'address-refused'],
  [
    'on this machine, from the internet',
    (at) => `http://127.0.0.1:${at.trap}/reset`,
    'address-refused',
    'the internet',
  ],
  [
    'in the private network, from the internet',
    'https://192.168.0.1/reboot',
    'address-refused',
    'the internet',
  ],
];

export const pagesToOpen: readonly Attack[] = rows.map(([name, page, refusedWith, from]) => ({
  ...{ name, refusedWith },
  ...(from === undefined ? {} : { from }),
  metadata: (at) => ({ authorization_endpoint: typeof page === 'string' ? page : page(at) }),
}));
