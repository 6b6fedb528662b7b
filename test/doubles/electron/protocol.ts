/** The double of `protocol`: schemes and who answers for them. */
import { type Gateway, openGateway } from './gateway.ts';
import { life, mustBeReady, mustNotBeReady, type SchemeHandler } from './life.ts';

export const protocol = {
  registerSchemesAsPrivileged: (schemes: Electron.CustomScheme[]): void => {
    mustNotBeReady('protocol.registerSchemesAsPrivileged');
    life().schemes.push(...schemes);
  },
  handle: (scheme: string, handler: SchemeHandler): void => {
    mustBeReady('protocol');
    if (life().handlers.has(scheme)) throw new Error(`the scheme ${scheme} is handled already`);
    life().handlers.set(scheme, handler);
  },
  unhandle: (scheme: string): void => void life().handlers.delete(scheme),
  isProtocolHandled: (scheme: string): boolean => life().handlers.has(scheme),
};

/** The gateway to the origin of a scheme address. */
export const gatewayTo = (address: string): Promise<Gateway> => {
  const { protocol: scheme, host } = new URL(address);
  const origin = `${scheme}//${host}`;
  const { gateways, handlers } = life();
  const open = gateways.get(origin) ?? openGateway(origin, () => handlers.get(scheme.slice(0, -1)));
  gateways.set(origin, open);
  return open;
};
