/** The forms that tools ask the person to fill in. */
import type { ElicitRequestFormParams } from '@modelcontextprotocol/server';

export type Form = ElicitRequestFormParams['requestedSchema'];

/** A form of one field that must be filled in. */
export const oneField = (
  name: string,
  field: Form['properties'][string] = { type: 'string' },
): Form => ({ type: 'object', properties: { [name]: field }, required: [name] });

export const confirmation = oneField('ok', { type: 'boolean' });

export const contact: Form = {
  type: 'object',
  properties: {
    username: { type: 'string', description: "User's response" },
    email: { type: 'string', description: "User's email address" },
  },
  required: ['username', 'email'],
};

/** A default for every type there is (SEP-1034). */
export const withDefaults: Form = {
  type: 'object',
  properties: {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  },
  required: [],
};

const titled = (word: string) =>
  ['First', 'Second', 'Third'].map((ordinal, at) => ({
    const: `value${at + 1}`,
    title: `${ordinal} ${word}`,
  }));

const options = ['option1', 'option2', 'option3'];

/** Every way there is to offer a choice (SEP-1330). */
export const withChoices: Form = {
  type: 'object',
  properties: {
    untitledSingle: { type: 'string', enum: options },
    titledSingle: { type: 'string', oneOf: titled('Option') },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
    titledMulti: { type: 'array', items: { anyOf: titled('Choice') } },
  },
  required: [],
};
