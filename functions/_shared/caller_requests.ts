// Requests that a CRM's page posts for a signed-in user who may place calls.

import { badRequest, corsHeaders, isForeignPage, preflight, Problem } from "./browser.ts";
import { checkCaller } from "./callers.ts";
import { type Database, DatabaseError } from "./database.ts";
import { readBody } from "./form.ts";
import { type Handler, type LogLine, serve } from "./serve.ts";
import type { Settings } from "./settings.ts";
import { TwilioError } from "./twilio_api.ts";
import { type User, userOf } from "./user.ts";

const MAX_BODY_BYTES = 16 * 1024;
export const DATABASE_TIMEOUT_MS = 5000;

export interface CallerRequest {
  user: User;
  body: string;
  line: LogLine;
}

/** Parts of sentences. */
export interface Undone {
  /** "The call was not placed" */
  certain: string;
  /** "the call may not have been placed" */
  uncertain: string;
}

interface Dependencies {
  settings: Settings;
  revision: string;
  database: Database;
}

/**
 * Makes the handler of a function for callers: it checks method, origin, user and size, and turns problems into
 * answers.
 *
 * @param undone What did not happen if the database or Twilio does not answer.
 * @param respond Returns the answer's status and JSON, or throws Problem, DatabaseError or TwilioError.
 */
export function callerFunction(
  name: string,
  { settings, revision, database }: Dependencies,
  undone: Undone,
  respond: (request: CallerRequest) => Promise<{ status: number; body: unknown }>,
): Handler {
  const handler = serve(name, revision, async (request, line) => {
    const headers = corsHeaders(request, settings.allowedOrigins);
    try {
      const { user, body } = await admitCaller(request, settings, database);
      const answer = await respond({ user, body, line });
      return Response.json(answer.body, { status: answer.status, headers });
    } catch (error) {
      const problem = asProblem(error, undone);
      line.reason = problem.code;
      return problem.toResponse(headers);
    }
  });
  return (request) =>
    request.method === "OPTIONS"
      ? Promise.resolve(preflight(request, settings.allowedOrigins, "POST"))
      : handler(request);
}

async function admitCaller(
  request: Request,
  settings: Settings,
  database: Database,
): Promise<{ user: User; body: string }> {
  if (request.method !== "POST") {
    throw new Problem(405, "method", "This function takes POST.", { allow: "POST" });
  }
  if (isForeignPage(request, settings.allowedOrigins)) {
    throw new Problem(403, "origin", "This page's address is not among the environment's allowedOrigins.");
  }
  const user = userOf(request);
  if (user === null || !await database.isValidUser(user.token, DATABASE_TIMEOUT_MS)) {
    throw new Problem(403, "user", "Only a signed-in user may place calls; API keys may not.");
  }
  checkCaller(user, settings.callers);
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === null) throw new Problem(413, "too-large", "The request's body is too large.");
  return { user, body };
}

/** The request's JSON object. Throws Problem if it is none, or has a key or value that is not valid. */
export function parseRequest(
  text: string,
  keys: string[],
  example: string,
): Record<string, string | undefined> {
  const body = parseObject(text, example);
  const unknown = Object.keys(body).find((key) => !keys.includes(key));
  if (unknown !== undefined) {
    throw badRequest(`"${unknown}" is not a key of this request; it takes ${keys.join(", ")}.`);
  }
  for (const key of keys) {
    if (body[key] !== undefined && typeof body[key] !== "string") {
      throw badRequest(`"${key}" must be a text.`);
    }
  }
  return body as Record<string, string | undefined>;
}

function parseObject(text: string, example: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) {
      return body as Record<string, unknown>;
    }
  } catch {
    // not JSON
  }
  throw badRequest(`The request's body must be a JSON object such as ${example}.`);
}

/** The refusal of a user, or of all users together, who placed and transferred too many calls in a minute. */
export function tooManyCalls(reserved: { retry_after?: number; scope?: string }): Problem {
  const seconds = String(reserved.retry_after ?? 60);
  const who = reserved.scope === "environment" ? "All users together" : "You";
  const sentence = `${who} have placed too many calls in the last minute; try again in ${seconds} s.`;
  return new Problem(429, "limit", sentence, { "retry-after": seconds });
}

function asProblem(error: unknown, undone: Undone): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DatabaseError) {
    return new Problem(
      503,
      "database",
      `${undone.certain}, because the database does not answer; try again.`,
    );
  }
  if (error instanceof TwilioError) return twilioProblem(error, undone);
  throw error;
}

function twilioProblem(error: TwilioError, undone: Undone): Problem {
  if (error.status === 0) {
    return new Problem(504, "twilio", `Twilio did not answer; ${undone.uncertain}.`);
  }
  if (error.status === 401) {
    return new Problem(
      502,
      "twilio",
      "Twilio does not accept this environment's credentials; deploy with the current ones.",
    );
  }
  const code = error.code === null ? "" : ` (Twilio error ${error.code})`;
  const message = error.message.replace(/[.\s]+$/, "");
  return new Problem(error.status < 500 ? 422 : 502, "twilio", `Twilio refused the call: ${message}${code}.`);
}
