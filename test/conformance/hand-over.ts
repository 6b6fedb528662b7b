/** The program that the conformance suite starts as its client: `hand-over.ts <address of the clients> <way> <server>`. */
const [address = '', way, server] = process.argv.slice(2);
const {
  MCP_CONFORMANCE_SCENARIO: scenario,
  MCP_CONFORMANCE_CONTEXT: context,
  MCP_CONFORMANCE_PROTOCOL_VERSION: revision,
} = process.env;
const answer = await fetch(address, {
  method: 'POST',
  body: JSON.stringify({ way, server, scenario, context, revision }),
});
process.stderr.write(`${await answer.text()}\n`);
process.exitCode = answer.ok ? 0 : 1;
