/** What is known of servers that have wishes of their own: what to settle for them, and what to tell the person. */
import type { SignInSettings } from '../../shared/contract/sign-in-settings.ts';

export interface Preset {
  readonly title: string;
  /** Settled when the server is added, unless the person says otherwise; exceptions among it are on record. */
  readonly signIn?: SignInSettings;
  /** What the person has to get first. */
  readonly says?: string;
}

interface Row extends Preset {
  /** A host, or with a leading dot every host below it. */
  readonly hosts: readonly string[];
}

const ownApp = (where: string, secret: boolean): string =>
  `it needs a client id ${secret ? 'and secret ' : ''}of your own: ${where}`;

/** Checked in October 2026. */
const rows: readonly Row[] = [
  {
    title: 'GitHub',
    hosts: ['api.githubcopilot.com'],
    says: ownApp('make an OAuth app or a GitHub App in the developer settings of GitHub', true),
  },
  {
    title: 'Google Cloud',
    hosts: ['.googleapis.com'],
    // Without these Google gives nothing to renew the sign-in with.
    signIn: { parameters: { access_type: 'offline', prompt: 'consent' } },
    says: ownApp('make an OAuth client of type Desktop in the Google Cloud console', true),
  },
  {
    title: 'Microsoft 365',
    hosts: ['mcp.svc.cloud.microsoft', 'workiq.svc.cloud.microsoft'],
    signIn: { exceptions: ['resource-omitted'] },
    says: ownApp(
      'an administrator registers an app with a mobile and desktop redirect in Microsoft Entra',
      false,
    ),
  },
  {
    title: 'Azure DevOps',
    hosts: ['mcp.dev.azure.com'],
    signIn: { exceptions: ['resource-omitted'] },
    says: ownApp('an administrator registers an app in Microsoft Entra', false),
  },
  {
    title: 'AWS AgentCore gateway',
    hosts: ['.amazonaws.com'],
    signIn: { exceptions: ['resource-omitted'] },
    says: ownApp('ask the owner of the gateway for an app client of its user pool', false),
  },
  {
    title: 'Snowflake',
    hosts: ['.snowflakecomputing.com'],
    signIn: { exceptions: ['basic-unencoded'] },
    says: `${ownApp('an administrator makes a security integration', true)}; ask for the scopes refresh_token and session:role:<role>`,
  },
  {
    title: 'Asana',
    hosts: ['mcp.asana.com'],
    says: ownApp('make an MCP app in the developer console, with a redirect and its port', true),
  },
  {
    title: 'Slack',
    hosts: ['mcp.slack.com'],
    says: ownApp('make a Slack app with MCP switched on; an administrator approves it', true),
  },
  {
    title: 'HubSpot',
    hosts: ['mcp.hubspot.com'],
    says: ownApp('make an MCP auth app in HubSpot', true),
  },
  {
    title: 'Salesforce',
    hosts: ['api.salesforce.com'],
    signIn: { scopes: ['mcp_api', 'refresh_token'] },
    says: ownApp('make an External Client App, with JWT-based access tokens switched on', false),
  },
  {
    title: 'Databricks',
    hosts: ['.cloud.databricks.com', '.azuredatabricks.net', '.gcp.databricks.com'],
    says: ownApp('an account administrator adds an app connection', false),
  },
  {
    title: 'Box',
    hosts: ['mcp.box.com'],
    says: ownApp('make an OAuth app in the developer console', true),
  },
  {
    title: 'Zoom',
    hosts: ['mcp-us.zoom.us', 'mcp.zoom.us'],
    says: ownApp('make an app in the Zoom marketplace', false),
  },
  {
    title: 'Figma',
    hosts: ['mcp.figma.com'],
    says: 'it registers only programs that it has approved; its desktop app has a server of its own at http://127.0.0.1:3845/mcp',
  },
];

/** What is known of the server at `address`, if anything is. */
export const presetFor = ({ hostname }: URL): Preset | undefined =>
  rows.find(({ hosts }) =>
    hosts.some((host) => (host.startsWith('.') ? hostname.endsWith(host) : hostname === host)),
  );
