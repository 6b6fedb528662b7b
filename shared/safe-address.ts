/** Which addresses a person may be led to, or shown as a server's: nothing that starts another program, or misleads a reader. */

const thisMachine = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Whether it is https, or http on this machine, without a user name that could be taken for the host. */
export const isSafeAddress = ({ protocol, hostname, username, password }: URL): boolean =>
  username === '' &&
  password === '' &&
  (protocol === 'https:' || (protocol === 'http:' && thisMachine.has(hostname)));
