/** Does the verifier take what AWS publishes as signed (aws-sig-v4-test-suite), and nothing that differs by a letter? */
import { describe, expect, it } from 'vitest';
import { objectionTo, type ReceivedRequest, type Sigv4Rules } from './sigv4.ts';

const HOST = 'example.amazonaws.com';
const DATE = '20150830T123600Z';
const rules: Sigv4Rules = {
  keys: (id) =>
    id === 'AKIDEXAMPLE' ? { secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' } : undefined,
  ...{ region: 'us-east-1', service: 'service', now: () => Date.UTC(2015, 7, 30, 12, 36) },
};
const unreserved = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const form = (more = '') => ({ 'content-type': `application/x-www-form-urlencoded${more}` });

/** Name, method, target, further headers, body, signature. */
type Vector = readonly [string, string, string, Record<string, string | string[]>, string, string];
const vectors: readonly Vector[] = [
  [
    'get-header-key-duplicate',
    'GET',
    '/',
    { 'my-header1': ['value2', 'value2', 'value1'] },
    '',
    'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  ],
  [
    'get-header-value-order',
    'GET',
    '/',
    { 'my-header1': ['value4', 'value1', 'value3', 'value2'] },
    '',
    '08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01',
  ],
  [
    'get-header-value-trim',
    'GET',
    '/',
    { 'my-header1': ' value1', 'my-header2': ' "a   b   c"' },
    '',
    'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  ],
  [
    'get-unreserved',
    'GET',
    `/${unreserved}`,
    {},
    '',
    '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  ],
  [
    'get-utf8',
    'GET',
    '/ሴ',
    {},
    '',
    '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
  ],
  [
    'get-vanilla',
    'GET',
    '/',
    {},
    '',
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'get-vanilla-empty-query-key',
    'GET',
    '/?Param1=value1',
    {},
    '',
    'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb',
  ],
  [
    'get-vanilla-query-order-key-case',
    'GET',
    '/?Param2=value2&Param1=value1',
    {},
    '',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  [
    'get-vanilla-query-unreserved',
    'GET',
    `/?${unreserved}=${unreserved}`,
    {},
    '',
    '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  ],
  [
    'get-vanilla-utf8-query',
    'GET',
    '/?ሴ=bar',
    {},
    '',
    '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  ],
  [
    'normalize-path/get-relative',
    'GET',
    '/example/..',
    {},
    '',
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'normalize-path/get-slashes',
    'GET',
    '//',
    {},
    '',
    '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  ],
  [
    'post-header-key-sort',
    'POST',
    '/',
    { 'my-header1': 'value1' },
    '',
    'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  ],
  [
    'post-header-value-case',
    'POST',
    '/',
    { 'my-header1': 'VALUE1' },
    '',
    'cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d',
  ],
  [
    'post-vanilla',
    'POST',
    '/',
    {},
    '',
    '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  ],
  [
    'post-vanilla-query',
    'POST',
    '/?Param1=value1',
    {},
    '',
    '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
  ],
  [
    'post-vanilla-query-nonunreserved',
    'POST',
    '/?%40%23%24%25%5E=&%2B=%2F%2C%3F%3E%3C%60%22%3B%3A%5C%7C%5D%5B%7B%7D',
    {},
    '',
    '66c82657c86e26fb25238d0e69f011edc4c6df5ae71119d7cb98ed9b87393c1e',
  ],
  [
    'post-vanilla-query-space',
    'POST',
    '/?p=',
    {},
    '',
    'e71688addb58a26418614085fb730ba3faa623b461c17f48f2fbdb9361b94a9b',
  ],
  [
    'post-x-www-form-urlencoded',
    'POST',
    '/',
    form(),
    'Param1=value1',
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
  [
    'post-x-www-form-urlencoded-parameters',
    'POST',
    '/',
    form('; charset=utf8'),
    'Param1=value1',
    '1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe',
  ],
];

const received = ([, method, target, more, body, signature]: Vector): ReceivedRequest => {
  const headers = { host: HOST, 'x-amz-date': DATE, ...more };
  const names = Object.keys(headers).sort().join(';');
  const credential = 'AKIDEXAMPLE/20150830/us-east-1/service/aws4_request';
  return {
    ...{ method, target, body: Buffer.from(body) },
    headers: {
      ...headers,
      authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
    },
  };
};

describe('a request of the suite', () => {
  it.each(vectors)('%s holds', (...vector) => {
    expect(objectionTo(received(vector), rules)).toBeUndefined();
  });

  const [form1] = vectors.filter(([name]) => name === 'post-x-www-form-urlencoded');
  if (form1 === undefined) throw new Error('no such vector');
  const good = received(form1);
  const otherwise = (headers: Readonly<Record<string, string>>): ReceivedRequest => ({
    ...{ ...good, headers: { ...good.headers, ...headers } },
  });

  it.each<[string, ReceivedRequest, string]>([
    ['with another body', { ...good, body: Buffer.from('Param1=value2') }, 'SignatureDoesNotMatch'],
    ['with another method', { ...good, method: 'PUT' }, 'SignatureDoesNotMatch'],
    ['with another path', { ...good, target: '/a' }, 'SignatureDoesNotMatch'],
    ['with a query', { ...good, target: '/?a=b' }, 'SignatureDoesNotMatch'],
    ['for another host', otherwise({ host: 'example.com' }), 'SignatureDoesNotMatch'],
    [
      'with the hash of another body',
      otherwise({ 'x-amz-content-sha256': 'a' }),
      'a header is not signed',
    ],
    ['with a header of AWS too many', otherwise({ 'x-amz-target': 'a' }), 'a header is not signed'],
    ['of another day', otherwise({ 'x-amz-date': '20150831T123600Z' }), 'wrong date'],
    ['that is unsigned', otherwise({ authorization: '' }), 'MissingAuthenticationToken'],
  ])('%s is refused', (_how, request, why) => {
    expect(objectionTo(request, rules)).toBe(why);
  });

  it.each<[string, Partial<Sigv4Rules>, string]>([
    ['after a quarter of an hour', { now: () => Date.UTC(2015, 7, 30, 12, 52) }, 'RequestExpired'],
    ['in another region', { region: 'us-west-2' }, 'wrong scope'],
    ['at another service', { service: 'sts' }, 'wrong scope'],
    ['by nobody who is known', { keys: () => undefined }, 'UnrecognizedClient'],
    ['with another secret', { keys: () => ({ secret: 'another' }) }, 'SignatureDoesNotMatch'],
    [
      'without the token of its session',
      { keys: () => ({ secret: 's', token: 't' }) },
      'InvalidClientTokenId',
    ],
  ])('%s is refused', (_how, other, why) => {
    expect(objectionTo(good, { ...rules, ...other })).toBe(why);
  });
});
