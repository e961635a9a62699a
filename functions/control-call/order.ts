// What the CRM's page wants to do with a live call, checked against the environment.

import { badRequest } from "../_shared/browser.ts";
import { parseRequest } from "../_shared/caller_requests.ts";
import type { CallRow } from "../_shared/database.ts";
import { dial, isE164 } from "../_shared/dial.ts";
import { type Settings, settingsFor } from "../_shared/settings.ts";
import { checkPhone } from "../_shared/targets.ts";
import { twiml } from "../_shared/xml.ts";

export interface HangUp {
  action: "hang-up";
  callSid: string;
}

/** Connects the lead with another phone. A request id that was used before has no further effect. */
export interface Transfer {
  action: "transfer";
  callSid: string;
  to: string;
  requestId: string;
}

const KEYS = ["callSid", "action", "to", "requestId"];

const EXAMPLE = '{"callSid": "CA...", "action": "hang-up"}';

/** Checks the request's JSON. Throws Problem with a sentence that names the key. */
export function parseOrder(text: string, settings: Settings): HangUp | Transfer {
  const { callSid, action, to, requestId } = parseRequest(text, KEYS, EXAMPLE);
  if (callSid === undefined || !/^CA[0-9a-f]{32}$/i.test(callSid)) {
    throw badRequest('"callSid" must be the SID of a call: CA and 32 hexadecimal digits.');
  }
  if (action === "hang-up") {
    if (to !== undefined || requestId !== undefined) {
      throw badRequest('"to" and "requestId" belong to the action "transfer".');
    }
    return { action, callSid };
  }
  if (action !== "transfer") throw badRequest('"action" must be "hang-up" or "transfer".');
  if (to === undefined) throw badRequest('"to" is missing: the phone to which the call is transferred.');
  checkPhone("to", to, settings);
  if (requestId !== undefined && !/^[\w-]{1,64}$/.test(requestId)) {
    throw badRequest('"requestId" must have 1 to 64 letters, digits, hyphens and underscores.');
  }
  return { action, callSid, to, requestId: requestId ?? crypto.randomUUID() };
}

/** Whether a call belongs to this environment: its account does, and the number that it uses. */
export function isOwnCall(row: CallRow, settings: Settings): boolean {
  if (!settings.accountSids.includes(row.account_sid)) return false;
  if (isFromSoftphone(row)) return true; // it uses the environment's TwiML App, not one of its numbers
  const number = ourNumber(row);
  return number !== null &&
    (number === settings.defaults.callerId || Object.hasOwn(settings.numbers, number));
}

/** Whether the lead is on a leg that the first leg dialed: the first leg is the agent's (as `lead_number` has it). */
export function leadWasDialed(row: CallRow): boolean {
  const byOwnCode = row.agent_first === null && row.direction === "outbound-api" && row.dial_number !== null;
  return row.agent_first === true || isFromSoftphone(row) || byOwnCode;
}

/** The TwiML that connects the lead with another phone. */
export function transferTwiml(row: CallRow, to: string, settings: Settings): string {
  const number = ourNumber(row);
  const own = settingsFor(settings, number ?? "");
  const caller = row.direction === "inbound" && !isFromSoftphone(row) ? row.from_number ?? "" : "";
  // As for a forwarded call: a caller with a number is shown, and otherwise our number is.
  const callerId = own.callerId ?? (isE164(caller) ? undefined : number ?? Object.keys(settings.numbers)[0]);
  return twiml(dial([to], own, settings, { callerId, query: "" }));
}

function ourNumber(row: CallRow): string | null {
  if (isFromSoftphone(row)) return null;
  return row.direction === "inbound" ? row.to_number : row.from_number;
}

function isFromSoftphone(row: CallRow): boolean {
  return row.direction === "inbound" && (row.from_number ?? "").startsWith("client:");
}
