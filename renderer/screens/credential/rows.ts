/** What a row of the table of credentials can say, and the rows that several kinds have in common. */

/** How a field is written: `id` is a number where it is one, `value` a text that may name secrets, `list` has spaces in between. */
export type PlainForm = 'text' | 'id' | 'list' | 'command' | 'number' | 'json' | 'choice';
export type FieldForm = PlainForm | 'secret' | 'value' | 'headers';

export interface FieldRow {
  /** As the contract calls it. */
  readonly name: string;
  readonly is: FieldForm;
  readonly label: string;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly optional?: true;
  /** What holds where it is left empty. */
  readonly usual?: string;
  readonly choices?: readonly string[];
  /** More than a line, as private keys are. */
  readonly long?: true;
  /** Few need it, so it is behind "More settings". */
  readonly more?: true;
}

export interface Way {
  readonly title: string;
  readonly fields: readonly FieldRow[];
  /** What choosing it says by itself. */
  readonly sets?: Readonly<Record<string, unknown>>;
}

/** Several ways, of which one is taken. */
export interface WaysRow {
  readonly name: string;
  readonly label: string;
  readonly ways: readonly [Way, ...Way[]];
}

export type Row = FieldRow | WaysRow;

export interface KindRow {
  readonly title: string;
  readonly help: string;
  readonly rows: readonly Row[];
}

export const clientId: FieldRow = { name: 'clientId', is: 'text', label: 'Client id' };

const clientSecret: FieldRow = { name: 'clientSecret', is: 'secret', label: 'Client secret' };

/** Who issues the token: described by itself, or by its one address. */
export const tokenService: WaysRow = {
  name: 'tokenService',
  label: 'Who issues the token',
  ways: [
    {
      title: 'A sign-in service, by its address',
      fields: [
        {
          ...{ name: 'issuer', is: 'text', label: 'Issuer address' },
          ...{ placeholder: 'https://login.example.com' },
          hint: 'Where tokens are asked for is looked up there.',
        },
      ],
    },
    {
      title: 'A token address',
      fields: [
        {
          ...{ name: 'tokenUrl', is: 'text', label: 'Token address' },
          placeholder: 'https://login.example.com/oauth/token',
        },
        {
          ...{ name: 'issuer', is: 'text', label: 'Issuer address', optional: true },
          hint: 'If the service wants to be called by it.',
        },
      ],
    },
  ],
};

/** Who asks, where that need not be said. */
export const asker: readonly FieldRow[] = [
  { ...clientId, optional: true },
  { ...clientSecret, optional: true },
];

export const proof: WaysRow = {
  name: 'proof',
  label: 'Proves itself with',
  ways: [
    { title: 'A client secret', fields: [clientSecret] },
    {
      title: 'A private key',
      fields: [
        {
          ...{ name: 'clientKey', is: 'secret', label: 'Private key', long: true },
          hint: 'PEM or JWK. Drawbridge signs with it.',
        },
      ],
    },
    {
      title: 'What a platform says of a workload',
      fields: [
        {
          ...{ name: 'clientAssertion', is: 'secret', label: 'Assertion' },
          hint: 'A JWT that somebody trusted has signed, in a file that the platform keeps fresh.',
        },
      ],
    },
    {
      title: 'What a program prints',
      fields: [
        {
          ...{ name: 'clientAssertionCommand', is: 'command', label: 'Program' },
          hint: 'It prints a JWT that somebody trusted has signed. No shell reads the line.',
        },
      ],
    },
  ],
};

/** What is shown for another token: it stands somewhere, or a program prints it. */
export const shownFor = ({
  named,
  printed,
  label,
}: Readonly<Record<'named' | 'printed' | 'label', string>>): WaysRow => ({
  // Another one than that of the field, or they could not be told apart by ear.
  ...{ name: 'shown', label: `${label} is` },
  ways: [
    {
      title: 'One that stands somewhere',
      fields: [
        { name: named, is: 'secret', label, hint: 'Usually a file that the platform keeps fresh.' },
      ],
    },
    {
      title: 'What a program prints',
      fields: [
        {
          ...{ name: printed, is: 'command', label: 'Program' },
          hint: 'As you would type it in a terminal. No shell reads it.',
        },
      ],
    },
  ],
});

/** What the token is to be good for. */
export const goal: readonly FieldRow[] = [
  {
    ...{ name: 'scopes', is: 'list', label: 'Scopes', optional: true, more: true },
    hint: 'Put spaces between them.',
  },
  { name: 'audience', is: 'text', label: 'Audience', optional: true, more: true },
  { name: 'resource', is: 'text', label: 'Resource', optional: true, more: true },
];
