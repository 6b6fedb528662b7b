/** The address of a proxy as it is sent to be kept: with a user and a password in it, if it wants them. */
export const withSignIn = (address: string, user: string, password: string): string =>
  user === '' && password === ''
    ? address
    : address.replace(
        /^((?:https?:)?\/\/)?/i,
        (scheme) => `${scheme}${encodeURIComponent(user)}:${encodeURIComponent(password)}@`,
      );
