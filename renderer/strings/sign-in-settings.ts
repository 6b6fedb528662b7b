/** What the window says of the settings of a sign-in. */
import { PROPOSED_REDIRECT } from '../../shared/contract/sign-in-settings.ts';
import { serviceStrings } from './service.ts';

export const settingsStrings = {
  title: 'Sign-in settings',
  client: {
    title: 'Client id from the operator',
    help: {
      person:
        'For sign-in services that do not let Drawbridge register itself. Give the operator the redirect, and enter what they give you.',
      'client-credentials': 'What the operator gave you for Drawbridge to sign in with.',
      enterprise: 'If the operator of the server gave you one.',
    },
    redirect: 'Redirect to give to the operator',
    redirectName: 'redirect',
    redirectHelp: 'The operator needs it letter by letter. You may choose another port.',
    id: 'Client id',
    secret: 'Client secret',
    secretHelp: 'Only if the operator gave you one. Kept in the vault.',
    keyInstead: 'Use a private key instead of a secret',
    key: 'Private key',
    keyHelp: 'PEM or JWK. Kept in the vault and never shown again.',
    wrong: {
      redirect: `It has to be an http address on this computer, like ${PROPOSED_REDIRECT}.`,
      clientId: 'This is too long for a client id.',
      clientSecret: 'This is too long for a client secret.',
      clientKey: 'This is too long for a private key.',
    },
  },
  secret: {
    kept: 'Kept in the vault',
    goes: 'Removed when you save',
    replace: 'Replace',
    remove: 'Remove',
    keep: 'Keep',
    keepOld: 'Keep the old one',
  },
  more: 'More settings',
  kind: 'Who signs in',
  kinds: {
    person: { title: 'You, in the browser', help: 'The usual way.' },
    'client-credentials': {
      title: 'Drawbridge itself',
      help: 'With the client id and its secret or key (client credentials). Needs no browser.',
    },
    enterprise: {
      title: 'You, through your company',
      help: 'With the one sign-in at your company’s identity provider.',
    },
  },
  provider: {
    label: 'Company sign-in',
    choose: 'Choose one',
    gone: 'One that was removed',
    none: 'There is none yet. Add it from the list: Add server, then Add a company sign-in.',
    missing: 'Choose the company sign-in that this server takes.',
  },
  scopes: {
    label: 'Scopes',
    help: 'Asked for instead of what the server says. Put spaces between them.',
    wrong: 'These are too many, or one of them is too long.',
  },
  parameters: {
    label: 'Extra parameters',
    placeholder: 'audience=https://api.example.com',
    help: 'Sent along when the browser is sent to sign in: name=value, one a line.',
    wrong: 'Each line has to be name=value, with a name that the sign-in does not set itself.',
  },
  service: serviceStrings,
  idTokenFile: (file: string) => `Signed in by the ID token in ${file}`,
  saveAndSignIn: 'Save and sign in',
  save: 'Save',
  cancel: 'Cancel',
} as const;
