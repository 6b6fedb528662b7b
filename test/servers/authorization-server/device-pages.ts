/** What does a person see who types a code in (RFC 8628 section 3.3)? */
import type { KoaContextWithOIDC } from 'oidc-provider';

const page = (body: string): string => `<!doctype html><title>Code</title>${body}`;

/** oidc-provider makes the forms; its own pages around them would complain on the console. */
export const devicePages = {
  userCodeInputSource: (ctx: KoaContextWithOIDC, form: string, _out?: unknown, error?: unknown) => {
    ctx.body = page(error === undefined ? form : '<p>Not a code, or no longer.</p>');
  },
  userCodeConfirmSource: (ctx: KoaContextWithOIDC, form: string) => {
    ctx.body = page(form);
  },
  successSource: (ctx: KoaContextWithOIDC) => {
    ctx.body = page('<p>You may close this page.</p>');
  },
};
