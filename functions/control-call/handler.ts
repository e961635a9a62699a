// Hangs up or transfers a live call, for a user who may read its row.

import { badRequest, Problem } from "../_shared/browser.ts";
import {
  callerFunction,
  type CallerRequest,
  DATABASE_TIMEOUT_MS,
  tooManyCalls,
} from "../_shared/caller_requests.ts";
import { type CallRow, type Database, DatabaseError } from "../_shared/database.ts";
import type { Handler } from "../_shared/serve.ts";
import type { Settings } from "../_shared/settings.ts";
import { connectedLegs, type TwilioAccount, updateCall } from "../_shared/twilio_api.ts";
import type { User } from "../_shared/user.ts";
import { isOwnCall, leadWasDialed, parseOrder, type Transfer, transferTwiml } from "./order.ts";

export interface Dependencies {
  settings: Settings;
  revision: string;
  database: Database;
  account: TwilioAccount;
}

const UNDONE = {
  certain: "Nothing was changed on the call",
  uncertain: "the call may not have been changed",
};

/** Returns the function's request handler. */
export function controlCallHandler(dependencies: Dependencies): Handler {
  return callerFunction("control-call", dependencies, UNDONE, async (request) => ({
    status: 200,
    body: await controlCall(request, dependencies),
  }));
}

async function controlCall({ user, body, line }: CallerRequest, dependencies: Dependencies) {
  const order = parseOrder(body, dependencies.settings);
  line.kind = order.action;
  const row = await readRow(user, order.callSid, dependencies);
  line.call_sid = row.call_sid;
  const result = order.action === "hang-up"
    ? await hangUp(row, dependencies.account)
    : await transfer(row, order, user, dependencies);
  line.result = result;
  return { callSid: row.call_sid, result };
}

/** Reads the row as the user: row-level security decides whether there is one. */
async function readRow(user: User, callSid: string, { database, settings }: Dependencies): Promise<CallRow> {
  let row: CallRow | null;
  try {
    row = await database.callFor(user.token, callSid, DATABASE_TIMEOUT_MS);
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.status !== 403) throw error;
    throw new Problem(403, "user", "You may not read calls: grant select and add a policy on twilio_calls.");
  }
  if (row === null || !isOwnCall(row, settings)) {
    throw new Problem(404, "not-there", "There is no such call, or you may not read it.");
  }
  if (row.parent_call_sid !== null) {
    throw badRequest('"callSid" is a leg that another call dialed; use that call, its parent_call_sid.');
  }
  return row;
}

async function hangUp(row: CallRow, account: TwilioAccount): Promise<"hung-up" | "already-over"> {
  const ending = { Status: "completed" };
  let ended = row.ended_at === null && await updateCall(account, row.call_sid, ending);
  // After a transfer the agent's leg is over, and the lead's goes on.
  const legs = leadWasDialed(row) ? await connectedLegs(account, row.call_sid) : [];
  for (const leg of legs) {
    if (await updateCall(account, leg, ending)) ended = true;
  }
  return ended ? "hung-up" : "already-over";
}

async function transfer(
  row: CallRow,
  order: Transfer,
  user: User,
  { settings, database, account }: Dependencies,
): Promise<"transferred" | "already-transferred"> {
  const lead = leadWasDialed(row) ? (await connectedLegs(account, row.call_sid))[0] : row.call_sid;
  const reserved = await database.reserveTransfer({
    call_sid: row.call_sid,
    account_sid: row.account_sid,
    request_id: order.requestId,
    target: order.to,
    user_id: user.id,
    per_minute: settings.callsPerMinute,
    per_minute_in_all: settings.totalCallsPerMinute,
  }, DATABASE_TIMEOUT_MS);
  if (reserved.result === "limited") throw tooManyCalls(reserved);
  if (reserved.result === "duplicate") return "already-transferred";
  let done = false;
  try {
    done = lead !== undefined &&
      await updateCall(account, lead, { Twiml: transferTwiml(row, order.to, settings) });
  } finally {
    // So that the same request can be sent again.
    if (!done) await database.releaseTransfer(reserved.event_key, DATABASE_TIMEOUT_MS).catch(() => undefined);
  }
  if (!done) {
    throw new Problem(
      409,
      "not-connected",
      "The lead is not on the call, so the call cannot be transferred.",
    );
  }
  return "transferred";
}
