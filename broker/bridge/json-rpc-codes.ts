/** The error codes of JSON-RPC, of MCP and of our own. It loads nothing, since the shim says them as well. */
import type { ProblemCode } from '../../shared/contract/problems.ts';

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;

/** Of the legacy era. */
export const NO_SUCH_RESOURCE = -32002;
export const URL_NEEDED = -32042;

/** Of the modern era. */
export const HEADER_MISMATCH = -32020;
export const CAPABILITY_NEEDED = -32021;
export const UNSUPPORTED_VERSION = -32022;

/**
 * Error codes of our own for problems between the bridge and the server: outside the range that JSON-RPC and MCP
 * keep for themselves (T32).
 */
const own: Partial<Record<ProblemCode, number>> = {
  'needs-sign-in': 1001,
  retrying: 1002,
  offline: 1003,
  'token-refused': 1004,
  'server-unreachable': 1005,
  'server-too-slow': 1006,
  'server-trouble': 1007,
  'program-failed': 1008,
  'program-unavailable': 1009,
  paused: 1010,
};
const OTHER = 1000;

/** What an AI client is told of a problem by its number. */
export const codeOf = (problem: ProblemCode): number => own[problem] ?? OTHER;
