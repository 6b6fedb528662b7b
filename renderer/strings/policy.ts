/** The window's words about what an administrator has settled. */
export const policyStrings = {
  title: 'Settled by your administrator',
  about: (file: string) => `This computer has a policy (${file}). It cannot be changed here.`,
  off: 'Switched off by your administrator.',
  offChoice: (what: string) => `${what} (switched off by your administrator)`,
  faulty: 'Not possible while the policy of your administrator has a fault.',
};
