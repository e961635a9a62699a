// One URL takes every request of a call: this tells them apart by their parameters.

import { type Params, valueOf } from "./form.ts";

export type Kind =
  | "voice" // what shall happen on this call?
  | "fallback" // the same after an error, with ErrorCode and ErrorUrl
  | "status" // a step of a call leg
  | "recording" // a step of a recording
  | "dial-action" // a <Dial> is over: what next?
  | "record-action" // a voicemail is recorded: what next?
  | "other"; // kept, and answered with 204

const TERMINAL = new Set(["completed", "busy", "no-answer", "failed", "canceled"]);

// Each of these is the mark of a kind that is neither a voice request nor any of ours.
const FOREIGN_MARKS = [
  "ConferenceSid",
  "MessageSid",
  "MessageStatus",
  "QueueSid",
  "QueueResult",
  "StreamSid",
  "StreamEvent",
  "StatusCallbackEvent",
  "TranscriptionSid",
  "TranscriptionStatus",
  "TranscriptionEvent",
  "SiprecSid",
  "PaymentSid",
  "ReferTransferTarget",
  "AmdStatus",
];

/** The kinds whose answer Twilio executes on a live call. */
export function wantsTwiml(kind: Kind): boolean {
  return kind === "voice" || kind === "fallback" || kind === "dial-action" || kind === "record-action";
}

/**
 * Whether the call came in from a browser or by SIP. Such a caller may add parameters of its own choice to the
 * requests for TwiML (Twilio docs, "voice/client": `device.connect({params})`).
 */
function isFromPhoneOfOwn(params: Params): boolean {
  const callers = [params.From ?? ""].flat();
  return [params.Direction ?? ""].flat().includes("inbound") &&
    callers.some((from) => /^(client|sips?):/.test(from));
}

/** Tells what a request of Twilio is. Parameter sets: Twilio docs, "voice/twiml" and "voice/api/call-resource". */
export function kindOf(params: Params): Kind {
  const has = (name: string) => params[name] !== undefined;
  if (isFromPhoneOfOwn(params)) return kindFromPhoneOfOwn(params);
  if (has("RecordingSid") && has("RecordingStatus")) return "recording";
  if (has("CallbackSource")) return "status";
  if (has("DialCallStatus")) return "dial-action";
  if (!has("CallSid") || !has("CallStatus") || !has("Direction") || !has("ApiVersion")) return "other";
  if (FOREIGN_MARKS.some(has)) return "other";
  if (has("ErrorCode") && has("ErrorUrl")) return "fallback";
  // Older accounts send the final callback of a number without CallbackSource.
  if (has("CallDuration")) return "status";
  if (has("RecordingUrl")) return "record-action";
  if (TERMINAL.has(valueOf(params, "CallStatus"))) return "status";
  return "voice";
}

/**
 * The kind of a request that names such a caller, by what Twilio itself says in it: CallStatus. A recording's
 * callback names no caller, and of a call that came in only the end is reported as a status.
 */
function kindFromPhoneOfOwn(params: Params): Kind {
  const has = (name: string) => params[name] !== undefined;
  const statuses = [params.CallStatus ?? ""].flat();
  if (statuses.includes("ringing")) return "voice";
  const over = statuses.some((status) => TERMINAL.has(status));
  if (over && has("CallbackSource")) return "status";
  if (has("DialCallStatus")) return "dial-action";
  if (!over && has("RecordingUrl")) return "record-action";
  if (FOREIGN_MARKS.some(has)) return "other";
  if (!over) return has("ErrorCode") && has("ErrorUrl") ? "fallback" : "voice";
  return has("RecordingUrl") && !has("CallDuration") ? "record-action" : "status";
}
