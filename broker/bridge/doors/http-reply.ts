/** What the HTTP door says in its own name. */
import type { ServerResponse } from 'node:http';

/** Refuses at the level of HTTP, where there is no message to answer. */
export const refuse = (
  response: ServerResponse,
  status: number,
  message: string,
  headers: Record<string, string> = {},
): void => answerJson(response, status, JSON.stringify({ error: message }), headers);

export const answerJson = (
  response: ServerResponse,
  status: number,
  json: string,
  headers: Record<string, string> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(json);
};
