/** What the browser shows after a sign-in: fixed pages, nothing in them comes from outside. */
import { createHash } from 'node:crypto';

const style = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 0; background: Canvas; color: CanvasText; }
main { max-width: 28rem; padding: 2rem; text-align: center; }
h1 { font-size: 1.5rem; font-weight: 600; }
`;

/** The empty icon keeps browsers from asking for one at a listener that is about to close. */
const page = (title: string, text: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title} - Drawbridge</title>
<style>${style}</style>
</head>
<body><main><h1>${title}</h1><p>${text}</p></main></body>
</html>
`;

export const callbackPages = {
  'signed-in': page(
    'You are signed in',
    'Every AI client on this machine can use it now. You can close this tab.',
  ),
  failed: page(
    'The sign-in did not work',
    'Drawbridge shows why, and what to do. You can close this tab.',
  ),
  notThisSignIn: page(
    'Nothing is waiting for this',
    'This answer does not belong to the sign-in that is running. Go back to Drawbridge.',
  ),
  nothingHere: page('Nothing here', 'This address is only for the end of a sign-in.'),
} as const;

/** Allows these pages their own style and empty icon, and nothing else: no script, no request, no frame. */
export const pagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
