/** How connections leave this machine: by which proxies, if any, and trusting whom. */
import { type Problem, ProblemError, toProblem } from '../../shared/contract/problems.ts';
import { parseNoProxy } from './no-proxy.ts';
import {
  type ProxySource,
  parsePac,
  parseProxy,
  type Route,
  whereToLook,
} from './proxy-address.ts';
import { createTrust, nodesTrust, type Trust } from './trust.ts';
import { isLoopbackHost } from './zone.ts';

/** What every new connection asks. */
export interface Outbound {
  /** The ways to `url`, to be tried in this order; at least one. Rejects with `proxy-failed`. */
  readonly routesTo: (url: URL) => Promise<readonly Route[]>;
  readonly trust: Trust;
}

export interface OutboundSettings {
  /** `http://user:password@name:port`, `https://...` or `name:port`. */
  readonly proxy?: string | undefined;
  /** As `NO_PROXY`, and instead of it. */
  readonly noProxy?: string | undefined;
  /** A PEM file of certificate authorities to trust besides the usual ones. */
  readonly caFile?: string | undefined;
}

export interface OutboundSources {
  /** Asked again for each connection, so that a change holds from the next one on. */
  readonly settings?: () => OutboundSettings;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** What the system says of an origin, in the words of proxy auto-configuration: `PROXY a:8080; DIRECT`. */
  readonly systemProxy?: ((origin: URL) => Promise<string>) | undefined;
  readonly systemCertificates?: () => readonly string[];
}

/** What is in use, for a person. */
export interface OutboundView {
  readonly proxy: {
    readonly from: ProxySource | 'none';
    /** Names and ports, without any user or password, in the order in which they are tried. */
    readonly hosts: readonly string[];
    readonly problem?: Problem;
  };
  readonly certificates: {
    readonly system: number;
    readonly file: number;
    readonly problem?: Problem;
  };
}

/** No proxy, and Node's own list of certificates. */
export const straightOut: Outbound = { routesTo: async () => ['direct'], trust: nodesTrust };

/** What is asked first beats what comes after it, as in curl and undici. */
const variables = ['https_proxy', 'all_proxy', 'http_proxy'];

/**
 * Routes by the settings, else by the environment, else by the system; `noProxy` exempts from all three.
 *
 * This machine is never reached through a proxy. What cannot be understood is a problem, never a way around the proxy.
 */
export const createOutbound = ({
  settings = () => ({}),
  env = {},
  systemProxy,
  systemCertificates = () => [],
}: OutboundSources): Outbound => {
  const variable = (name: string): string | undefined =>
    [env[name], env[name.toUpperCase()]].find((value) => value !== undefined && value !== '');
  return {
    routesTo: async (url) => {
      if (url.protocol !== 'https:' || isLoopbackHost(url.hostname)) return ['direct'];
      const { proxy, noProxy = variable('no_proxy') ?? '' } = settings();
      if (parseNoProxy(noProxy)(url)) return ['direct'];
      if (proxy !== undefined && proxy !== '') return [parseProxy(proxy, 'settings')];
      const named = variables.map(variable).find((value) => value !== undefined);
      if (named !== undefined) return [parseProxy(named, 'environment')];
      if (systemProxy === undefined) return ['direct'];
      return parsePac(await systemProxy(new URL(url.origin)).catch(unanswered));
    },
    trust: createTrust(() => settings().caFile, systemCertificates),
  };
};

const unanswered = (cause: unknown): never => {
  throw new ProblemError('proxy-failed', "this machine's proxy setting could not be read", {
    hint: whereToLook.system,
    cause,
  });
};

/** Somewhere on the internet, and nowhere: the name can never be given to anybody (RFC 6761). */
const anywhere = new URL('https://server.invalid');

/** What a connection to `url` would use. Opens none, and never rejects: a problem is part of the view. */
export const describeOutbound = async (
  { routesTo, trust }: Outbound,
  url: URL = anywhere,
): Promise<OutboundView> => {
  const [proxy, certificates] = await Promise.all([
    routesTo(url).then(viewOf, (error: unknown) => ({
      from: 'none' as const,
      hosts: [],
      problem: toProblem(error),
    })),
    trust.counts().catch((error: unknown) => ({ system: 0, file: 0, problem: toProblem(error) })),
  ]);
  return { proxy, certificates };
};

const viewOf = (routes: readonly Route[]): OutboundView['proxy'] => {
  const proxies = routes.filter((route) => route !== 'direct');
  return {
    from: proxies[0]?.source ?? 'none',
    hosts: proxies.map(({ url }) => url.host),
  };
};
