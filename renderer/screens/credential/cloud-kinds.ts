/** The credentials of clouds, each with its fields and the words for them. */
import { clientId, type KindRow, proof, type Way } from './rows.ts';

/** Microsoft wants to see the certificate as well. */
const withCertificate = (way: Way): Way =>
  way.fields[0]?.name === 'clientKey'
    ? {
        title: 'A certificate',
        fields: [
          ...way.fields,
          {
            ...{ name: 'certificate', is: 'value', label: 'Certificate', long: true },
            hint: 'PEM: the one that was uploaded for this key. Both may be in one file.',
          },
        ],
      }
    : way;

const [secret, ...others] = proof.ways;

export const cloudCredentials = {
  entra: {
    title: 'Microsoft Entra',
    help: 'For servers behind Microsoft’s sign-in, as an application of yours.',
    rows: [
      {
        ...{ name: 'tenant', is: 'text', label: 'Directory (tenant)' },
        ...{ placeholder: 'contoso.onmicrosoft.com', hint: 'Its id, or one of its domains.' },
      },
      { ...clientId, label: 'Application (client) id' },
      {
        ...{ name: 'resource', is: 'text', label: 'What the token is for' },
        ...{ placeholder: 'api://tools', hint: 'The application id URI of the server.' },
      },
      { ...proof, ways: [secret, ...others.map(withCertificate)] },
      {
        ...{ name: 'authority', is: 'text', label: 'Authority', optional: true, more: true },
        ...{ usual: 'https://login.microsoftonline.com', hint: 'Of another cloud of Microsoft.' },
      },
    ],
  },
  google: {
    title: 'Google Cloud',
    help: 'As a service account, or as this computer is known to Google.',
    rows: [
      {
        name: 'identity',
        label: 'Who asks',
        ways: [
          {
            title: 'This computer (default credentials)',
            fields: [],
          },
          {
            title: 'A service account, with its key',
            fields: [
              {
                ...{ name: 'key', is: 'secret', label: 'Key of the service account', long: true },
                hint: 'The JSON that Google Cloud made, all of it.',
              },
            ],
          },
        ],
      },
      {
        name: 'tokenKind',
        label: 'What it asks for',
        ways: [
          {
            title: 'An access token',
            fields: [
              {
                ...{ name: 'scopes', is: 'list', label: 'Scopes', optional: true },
                hint: 'Put spaces between them.',
              },
            ],
          },
          {
            title: 'An ID token (Cloud Run)',
            fields: [
              {
                ...{ name: 'audience', is: 'text', label: 'Audience' },
                ...{ placeholder: 'https://tools-abc.a.run.app', hint: 'The service it is for.' },
              },
            ],
          },
        ],
      },
    ],
  },
  'aws-sigv4': {
    title: 'AWS (signed requests)',
    help: 'Each request is signed for a service of AWS.',
    rows: [
      { name: 'region', is: 'text', label: 'Region', placeholder: 'eu-central-1' },
      {
        ...{ name: 'service', is: 'text', label: 'Service', placeholder: 'bedrock-agentcore' },
        hint: 'As AWS calls it in signatures: bedrock-agentcore, execute-api, lambda.',
      },
      {
        name: 'keys',
        label: 'Whose keys',
        ways: [
          { title: 'Those of the environment, or of the default profile', fields: [] },
          {
            title: 'Those of a profile',
            fields: [{ name: 'profile', is: 'text', label: 'Profile', placeholder: 'agent' }],
          },
          {
            title: 'An access key',
            fields: [
              { name: 'accessKeyId', is: 'value', label: 'Access key id' },
              { name: 'secretAccessKey', is: 'secret', label: 'Secret access key' },
              { name: 'sessionToken', is: 'secret', label: 'Session token', optional: true },
            ],
          },
          {
            title: 'What AWS has given this machine',
            fields: [],
            sets: { instance: true },
          },
        ],
      },
    ],
  },
} as const satisfies Record<string, KindRow>;
