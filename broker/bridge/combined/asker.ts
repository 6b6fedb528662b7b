/** Which of several servers asks? A person has to see that, and the forms of MCP have no place for it but their own text. */
import { memberOf, membersIn, valueOf, withMembers } from '../json-text.ts';

/** The parameters of an elicitation, whose message says who asks. */
export const naming = (title: string, params: string): string => {
  const message = valueOf(params, 'message');
  return typeof message === 'string'
    ? withMembers(params, { message: JSON.stringify(`${title}: ${message}`) })
    : params;
};

/** The same in an answer of the modern era that asks something first; any other stays as it is. */
export const namingInRounds = (title: string, json: string): string => {
  if (!json.includes('"input_required"')) return json;
  const result = memberOf(json, 'result');
  const requests = result && memberOf(result, 'inputRequests');
  if (result === undefined || requests === undefined) return json;
  const named = [...membersIn(requests)].map(([name, request]) => [
    name,
    valueOf(request, 'method') === 'elicitation/create'
      ? withMembers(request, { params: naming(title, memberOf(request, 'params') ?? '{}') })
      : request,
  ]);
  const inputRequests = withMembers(requests, Object.fromEntries(named) as Record<string, string>);
  return withMembers(json, { result: withMembers(result, { inputRequests }) });
};
