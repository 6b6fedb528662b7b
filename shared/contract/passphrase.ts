/** How many characters a passphrase may have. */
export const MOST_OF_PASSPHRASE = 4096;
