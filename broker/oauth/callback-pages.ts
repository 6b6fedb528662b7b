/** What the browser shows after a sign-in: fixed pages, nothing in them comes from outside. */

const page = (title: string, text: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} - Drawbridge</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 0; }
main { max-width: 28rem; padding: 2rem; text-align: center; }
h1 { font-size: 1.5rem; font-weight: 600; }
</style>
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
