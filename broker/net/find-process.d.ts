/** What we use of it: its own types do not find each other under Node's rules for ES modules. */
declare module 'find-process' {
  const findProcess: (
    by: 'port',
    port: number,
    options: { readonly logLevel: 'error' },
  ) => Promise<{ readonly pid: number; readonly name: string }[]>;
  export default findProcess;
}
