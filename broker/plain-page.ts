/** What a browser shows that comes to a listener of ours: small pages that load nothing and run nothing. */
import { createHash } from 'node:crypto';

/** In the colours of the window (renderer/styles/tokens.css), which is not there to lend them. */
const style = `
:root { color-scheme: light dark; --ground: #f3f4f6; --card: #fff; --line: #e2e4e9; --strong: #82899a; --text: #1a1d23; --muted: #5a6170; --accent: #2f56b8; --ring: #2a50b0; }
@media (prefers-color-scheme: dark) { :root { --ground: #17191d; --card: #212429; --line: #33373f; --strong: #7b8291; --text: #eceef2; --muted: #a5acb9; --accent: #4a6fd0; --ring: #9db7ff; } }
* { box-sizing: border-box; }
body { display: grid; place-items: center; min-height: 100vh; margin: 0; padding: 1.5rem; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
main { width: min(30rem, 100%); padding: 2rem; border: 1px solid var(--line); border-radius: 12px; background: var(--card); }
main > :last-child { margin-bottom: 0; }
.name { margin: 0 0 1rem; color: var(--muted); font-size: 0.875rem; }
h1 { margin: 0 0 0.75rem; font-size: 1.375rem; font-weight: 600; line-height: 1.25; overflow-wrap: anywhere; }
p { margin: 0 0 1rem; overflow-wrap: anywhere; }
pre { max-height: 20rem; margin: 0 0 1rem; padding: 0.75rem; overflow: auto; border: 1px solid var(--line); border-radius: 7px; white-space: pre-wrap; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.875rem; }
form { display: flex; flex-wrap: wrap; gap: 0.5rem; }
button { padding: 0.5rem 1.25rem; border: 1px solid var(--strong); border-radius: 7px; background: transparent; color: inherit; font: inherit; cursor: pointer; }
button:only-child { border-color: transparent; background: var(--accent); color: #fff; }
:focus-visible { outline: 2px solid var(--ring); outline-offset: 2px; }
`;

/**
 * A page with a title and one paragraph or more, both HTML already.
 *
 * The empty icon keeps browsers from asking for one at a listener that is about to close.
 */
export const plainPage = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title} - Drawbridge</title>
<style>${style}</style>
</head>
<body><main><p class="name">Drawbridge</p><h1>${title}</h1>${body}</main></body>
</html>
`;

/**
 * Allows these pages their own style and empty icon, and nothing else: no script, no request, no frame; forms to `formAction`
 * alone.
 */
export const pagePolicy = (formAction: string): string =>
  [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    'img-src data:',
    "base-uri 'none'",
    `form-action ${formAction}`,
    "frame-ancestors 'none'",
  ].join('; ');

/** What goes with every page: it is kept nowhere, framed nowhere, and tells nobody where the browser was. */
export const pageHeaders = (formAction = "'none'"): Record<string, string> => ({
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': pagePolicy(formAction),
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
});

/** Text as it stands in a page, whoever wrote it. */
export const inHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
