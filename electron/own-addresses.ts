/** Which addresses this machine has in its networks: others come with another Wi-Fi, a cable or a VPN. */
import os from 'node:os';

/** These lead nowhere else, and come and go with every container. */
const LINK_LOCAL = /^(?:fe[89ab]|169\.254\.)/i;

/** One text, to be compared: the same while they are the same. */
export const ownAddresses = (
  interfaces: typeof os.networkInterfaces = os.networkInterfaces,
): string =>
  Object.entries(listed(interfaces))
    .flatMap(([name, addresses = []]) =>
      addresses
        .filter(({ internal, address }) => !internal && !LINK_LOCAL.test(address))
        .map(({ address }) => `${name} ${address}`),
    )
    .sort()
    .join('\n');

const listed = (
  interfaces: typeof os.networkInterfaces,
): ReturnType<typeof os.networkInterfaces> => {
  try {
    return interfaces();
  } catch {
    // Some sandboxes do not let it be asked; then only being offline and back is noticed.
    return {};
  }
};
