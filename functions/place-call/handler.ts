// The CRM's Call button: rings an agent, then connects the lead; or rings the lead.

import { corsHeaders, isForeignPage, preflight, Problem } from "../_shared/browser.ts";
import { type Database, DatabaseError } from "../_shared/database.ts";
import { readBody } from "../_shared/form.ts";
import { type Handler, type LogLine, serve } from "../_shared/serve.ts";
import type { Settings } from "../_shared/settings.ts";
import { createCall, type TwilioAccount, TwilioError } from "../_shared/twilio_api.ts";
import { userOf } from "../_shared/user.ts";
import { checkCaller } from "./callers.ts";
import { callParams, type Order, parseOrder, reservation } from "./order.ts";

const MAX_BODY_BYTES = 16 * 1024;
const DATABASE_TIMEOUT_MS = 5000;

export interface Dependencies {
  settings: Settings;
  revision: string;
  database: Database;
  account: TwilioAccount;
}

/** Returns the function's request handler. */
export function placeCallHandler(dependencies: Dependencies): Handler {
  const { settings, revision } = dependencies;
  const handler = serve("place-call", revision, async (request, line) => {
    const headers = corsHeaders(request, settings.allowedOrigins);
    try {
      return Response.json(await placeCall(request, dependencies, line), { status: 201, headers });
    } catch (error) {
      const problem = asProblem(error);
      line.reason = problem.code;
      return problem.toResponse(headers);
    }
  });
  return (request) =>
    request.method === "OPTIONS"
      ? Promise.resolve(preflight(request, settings.allowedOrigins, "POST"))
      : handler(request);
}

async function placeCall(request: Request, dependencies: Dependencies, line: LogLine) {
  const { settings, database, account } = dependencies;
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
  const order = parseOrder(body, settings);

  const reserved = await database.ingest({
    kind: "place",
    params: reservation(order, account.accountSid),
    user_id: user.id,
    limit: settings.callsPerMinute,
    environment_limit: settings.totalCallsPerMinute,
  }, DATABASE_TIMEOUT_MS);
  if (reserved.result === "limited" || reserved.id === undefined) {
    const seconds = String(reserved.retry_after ?? 60);
    const who = reserved.scope === "environment" ? "All users together" : "You";
    const sentence = `${who} have placed too many calls in the last minute; try again in ${seconds} s.`;
    throw new Problem(429, "limit", sentence, { "retry-after": seconds });
  }
  const callSid = await create(order, reserved.id, dependencies);
  line.call_sid = callSid;
  return { id: reserved.id, callSid, status: "connecting", reference: order.reference ?? null };
}

/** Creates the call at Twilio and stores the outcome in the reserved row. */
async function create(
  order: Order,
  reservationId: string,
  { settings, database, account }: Dependencies,
): Promise<string> {
  let call: { sid: string; status: string };
  try {
    call = await createCall(account, callParams(order, settings, reservationId));
  } catch (error) {
    if (!(error instanceof TwilioError)) throw error;
    const params: Record<string, string> = { AccountSid: account.accountSid, ErrorMessage: error.message };
    if (error.code !== null) params.ErrorCode = String(error.code);
    // If this fails too, the user's next call marks the row as failed.
    await database.ingest({ kind: "refused", place: reservationId, params }, DATABASE_TIMEOUT_MS).catch(() =>
      undefined
    );
    throw error;
  }
  const params = {
    CallSid: call.sid,
    AccountSid: account.accountSid,
    CallStatus: call.status,
    From: order.from,
    To: order.agent ?? order.to,
    Direction: "outbound-api",
  };
  // The call is in progress: if the row cannot be linked now, the first callback does it.
  await database.ingest({ kind: "placed", place: reservationId, params }, DATABASE_TIMEOUT_MS).catch(() =>
    undefined
  );
  return call.sid;
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DatabaseError) {
    return new Problem(
      503,
      "database",
      "The call was not placed, because the database does not answer; try again.",
    );
  }
  if (error instanceof TwilioError) return twilioProblem(error);
  throw error;
}

function twilioProblem(error: TwilioError): Problem {
  if (error.status === 0) {
    return new Problem(504, "twilio", "Twilio did not answer; the call may not have been placed.");
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
