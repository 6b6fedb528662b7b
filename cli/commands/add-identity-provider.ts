/** `drawbridge add-identity-provider <issuer>` */
import { ProblemError } from '../../shared/contract/problems.ts';
import type { Command } from '../command.ts';
import { readSignInWish, signInOptions } from '../sign-in-options.ts';
import { readId } from './add.ts';

export const addIdentityProvider: Command = {
  usage: 'add-identity-provider <issuer>',
  summary: 'add the sign-in of your company, for servers that accept it',
  help: [
    '',
    '  --client-id <id>             of Drawbridge there; needed',
    '  --client-secret-file <file>  a file whose first line is the client secret, if there is one',
    '  --client-key-file <file>     a file with a private key (PEM or JWK), where that proves the client',
    '  --redirect <address>         the redirect that the operator was told',
    '  --scope <scope>              ask for this; may be repeated (default: openid, profile, email)',
    '  --allow <rule>               go on although it breaks a rule (see: drawbridge add --help)',
    '  --id-token-file <file>       a file with an ID token that something else keeps fresh: nobody signs in then',
    '  --id <id>                    what to call it',
    '  --title <title>              what to show',
    '',
    'Then: drawbridge sign-in <id>, and for each server',
    '  drawbridge add <url> --kind enterprise --identity-provider <id> --client-id <id of Drawbridge at that server>',
  ],
  words: [1, 1],
  options: { id: { type: 'string' }, title: { type: 'string' }, ...signInOptions },
  run: async (invocation) => {
    const {
      words: [issuer = ''],
      option,
      terminal,
      control,
    } = invocation;
    const id = readId(option('id'));
    const title = option('title');
    const signIn = await readSignInWish(invocation);
    if (signIn.clientId === undefined) {
      throw new ProblemError('bad-usage', 'an identity provider needs --client-id', {
        hint: 'ask its operator to register Drawbridge as a native program',
      });
    }
    const client = await control();
    const { server } = await client.addIdentityProvider({
      ...{ issuer, signIn },
      ...(id === undefined ? {} : { id }),
      ...(title === undefined ? {} : { title }),
    });
    terminal.facts(`added ${server.id}`, { server });
    if (signIn.idTokenFile === undefined) terminal.say(`next: drawbridge sign-in ${server.id}`);
  },
};
