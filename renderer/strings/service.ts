/** The words for what few servers need: a sign-in service by hand, and a certificate of this computer. */

export const serviceStrings = {
  title: 'More about the sign-in service',
  help: 'Where the server says nothing of who signs people in, or something wrong. The operator of the sign-in service knows all of this.',
  issuer: {
    label: 'Issuer',
    placeholder: 'https://login.example.com',
    help: 'Written as the service calls itself, letter by letter. What the server says of it is not asked then.',
  },
  authorizeUrl: { label: 'Page to sign in at', placeholder: 'https://login.example.com/authorize' },
  tokenUrl: {
    label: 'Token endpoint',
    placeholder: 'https://login.example.com/token',
    help: {
      person: 'Both addresses, where the service does not describe itself. They need a client id.',
      other: 'Where the service does not describe itself. It needs a client id.',
    },
  },
  resource: {
    label: 'What tokens are for',
    placeholder: 'https://mcp.example.com',
    help: 'Its name at the sign-in service (resource), where that is not the address of the server.',
  },
  secretFrom: {
    label: 'Secret kept elsewhere',
    help: 'Read anew each time, instead of a client secret that is typed in above.',
  },
  timeout: {
    label: 'Seconds for a sign-in',
    help: 'How long you may take in the browser: 600 by itself, 30 to 3600.',
  },
  noBrowser: {
    label: 'Open no browser',
    help: 'The address to sign in at is only shown.',
  },
  exceptions: {
    label: 'Allow this server to break a rule',
  },
  wrong: {
    address: 'It has to be an https address, or one on this computer.',
    together: 'Both addresses go together. Give this one too.',
    clientId: 'What you gave under “More about the sign-in service” needs a client id.',
    resource: 'It has to be an address or another absolute name, without a #.',
    secretFrom: 'Say where it is, or choose None.',
    twoSecrets: 'A client secret is typed in above. Empty that, or choose None here.',
    timeout: 'A whole number from 30 to 3600.',
  },
} as const;

export const certificateStrings = {
  title: 'A certificate that the server wants to see',
  help: 'Some servers want a certificate of whoever connects (mTLS). It and its key are only named here, and read at each new connection.',
  certificate: {
    label: 'Certificate',
    help: 'PEM, in the vault, in a file, or in a variable.',
    path: '/etc/acme/client.pem',
  },
  key: {
    label: 'Its key',
    help: 'None, where it stands with the certificate.',
    path: '/etc/acme/client.key',
  },
  passphrase: {
    label: 'Passphrase of the key',
    help: 'None, where the key is not locked.',
    path: '/run/secrets/passphrase',
  },
  alsoAt: {
    label: 'Also shown to',
    placeholder: 'https://login.example.com',
    help: 'Who sees it besides the server: a token endpoint that wants it. One a line.',
  },
  wrong: {
    missing: 'Say where it is.',
    reference: 'It is only named here: ${vault:NAME}, ${env:NAME} or ${file:PATH}.',
    alsoAt: 'Each line has to be https:// and the name of a host, without a path. Ten at most.',
  },
  shown: 'Shown to this server, good until',
  unknown: 'Shown to this server. Its end is known once it was read.',
  save: 'Use this certificate',
  saving: 'Looking…',
  saved: 'It is shown from the next connection on.',
  remove: 'Show none',
  removed: 'No certificate is shown from the next connection on.',
} as const;
