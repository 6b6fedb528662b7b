/** Servers that many people have, whose address is the same for everybody and which anybody may sign in to. Checked in October 2026. */
export interface KnownServer {
  readonly title: string;
  readonly url: string;
}

export const knownServers: readonly KnownServer[] = [
  { title: 'Linear', url: 'https://mcp.linear.app/mcp' },
  { title: 'Notion', url: 'https://mcp.notion.com/mcp' },
  { title: 'Sentry', url: 'https://mcp.sentry.dev/mcp' },
  { title: 'Stripe', url: 'https://mcp.stripe.com' },
  { title: 'Cloudflare', url: 'https://mcp.cloudflare.com/mcp' },
  { title: 'Vercel', url: 'https://mcp.vercel.com' },
  { title: 'Neon', url: 'https://mcp.neon.tech/mcp' },
  { title: 'PostHog', url: 'https://mcp.posthog.com/mcp' },
  { title: 'Hugging Face', url: 'https://huggingface.co/mcp' },
  { title: 'Context7', url: 'https://mcp.context7.com/mcp' },
  { title: 'Microsoft Learn', url: 'https://learn.microsoft.com/api/mcp' },
];
