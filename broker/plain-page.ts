/** What a browser shows that comes to a listener of ours: small pages that load nothing and run nothing. */
import { createHash } from 'node:crypto';

const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 0; background: Canvas; color: CanvasText; }
main { max-width: 28rem; padding: 2rem; text-align: center; }
h1 { font-size: 1.5rem; font-weight: 600; }
code { overflow-wrap: anywhere; }
pre { max-height: 20rem; overflow: auto; padding: 0.75rem; border: 1px solid; text-align: start; white-space: pre-wrap; overflow-wrap: anywhere; }
button { font: inherit; padding: 0.5rem 1.5rem; }
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
<body><main><h1>${title}</h1>${body}</main></body>
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
