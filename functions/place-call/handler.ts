// The CRM's Call button: rings an agent, then connects the lead; or rings the lead.

import {
  callerFunction,
  type CallerRequest,
  DATABASE_TIMEOUT_MS,
  tooManyCalls,
} from "../_shared/caller_requests.ts";
import type { Database } from "../_shared/database.ts";
import type { Handler } from "../_shared/serve.ts";
import type { Settings } from "../_shared/settings.ts";
import { createCall, type TwilioAccount, TwilioError } from "../_shared/twilio_api.ts";
import { callParams, type Order, parseOrder, reservation } from "./order.ts";

export interface Dependencies {
  settings: Settings;
  revision: string;
  database: Database;
  account: TwilioAccount;
}

const UNDONE = {
  certain: "The call was not placed",
  uncertain: "the call may not have been placed",
};

/** Returns the function's request handler. */
export function placeCallHandler(dependencies: Dependencies): Handler {
  return callerFunction("place-call", dependencies, UNDONE, async (request) => ({
    status: 201,
    body: await placeCall(request, dependencies),
  }));
}

async function placeCall({ user, body, line }: CallerRequest, dependencies: Dependencies) {
  const { settings, database, account } = dependencies;
  const order = parseOrder(body, settings);
  const reserved = await database.ingest({
    kind: "place",
    params: reservation(order, account.accountSid),
    user_id: user.id,
    limit: settings.callsPerMinute,
    environment_limit: settings.totalCallsPerMinute,
  }, DATABASE_TIMEOUT_MS);
  if (reserved.result === "limited" || reserved.id === undefined) throw tooManyCalls(reserved);
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
