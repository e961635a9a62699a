// One URL receives every request of a call. Here a request's parameters are read once, into one type per kind.

import { type Params, valueOf } from "./form.ts";

/** The leg that a request for TwiML is about, by who is on it. */
export type Leg =
  | "incoming" // somebody called one of our numbers
  | "browser" // an agent calls from a browser; `to` is the number asked for
  | "placed" // a call that was created through the API
  | "dialed"; // a party that a <Dial> rings

interface Common {
  /** Undefined if the request has no CallSid of Twilio's form. */
  callSid?: string;
}

interface OnLiveCall extends Common {
  leg: Leg;
  /** Twilio's Direction, as it came. */
  direction: string;
  from: string;
  to: string;
  /** Twilio's CallStatus, as it came. */
  status: string;
}

/** What should happen on this call? `fallback`: the same question after an error. */
export interface VoiceRequest extends OnLiveCall {
  kind: "voice" | "fallback";
  /** Of the error that made Twilio ask again: five digits. */
  errorCode?: string;
}

/** A <Dial> is over: what next? */
export interface DialAction extends OnLiveCall {
  kind: "dial-action";
  /** Whether one of the dialed parties answered. */
  answered: boolean;
}

/** A voicemail is recorded: what next? */
export interface RecordAction extends Common {
  kind: "record-action";
}

/** A step of a call leg. */
export interface StatusCallback extends Common {
  kind: "status";
}

/** A step of a recording. */
export interface RecordingCallback extends Common {
  kind: "recording";
}

/** Stored, and answered with 204. */
export interface OtherCallback extends Common {
  kind: "other";
}

/** The requests whose answer Twilio executes on a live call. */
export type TwimlRequest = VoiceRequest | DialAction | RecordAction;

export type Callback = TwimlRequest | StatusCallback | RecordingCallback | OtherCallback;

export type Kind = Callback["kind"];

/** The CallStatus values of a call that is over. */
const FINAL = new Set(["completed", "busy", "no-answer", "failed", "canceled"]);

const CALL_SID = /^CA[0-9a-f]{32}$/i;

// Each of these marks a kind of request that is neither a voice request nor a callback that we ask for.
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

/** Reads a request of Twilio. */
export function parse(params: Params): Callback {
  const kind = kindOf(params);
  switch (kind) {
    case "voice":
    case "fallback":
      return voiceRequest(kind, params);
    case "dial-action": {
      const answered = ["completed", "answered"].includes(valueOf(params, "DialCallStatus"));
      return { kind, ...onLiveCall(params), answered };
    }
    default:
      return { kind, callSid: callSidOf(params) };
  }
}

/** Reads a request to the fallback URL, which asks the same question whatever else it contains. */
export function parseFallback(params: Params): VoiceRequest {
  return voiceRequest("fallback", params);
}

/** Whether Twilio executes the answer. */
export function wantsTwiml(callback: Callback): callback is TwimlRequest {
  return callback.kind === "voice" || callback.kind === "fallback" || callback.kind === "dial-action" ||
    callback.kind === "record-action";
}

/** Whether a CallStatus says that the call is over. */
export function isOver(status: string): boolean {
  return FINAL.has(status);
}

function voiceRequest(kind: "voice" | "fallback", params: Params): VoiceRequest {
  return { kind, ...onLiveCall(params), errorCode: /^\d{5}$/.exec(valueOf(params, "ErrorCode"))?.[0] };
}

function onLiveCall(params: Params): OnLiveCall {
  const direction = valueOf(params, "Direction");
  const from = valueOf(params, "From");
  return {
    callSid: callSidOf(params),
    leg: legOf(direction, from),
    direction,
    from,
    to: valueOf(params, "To"),
    status: valueOf(params, "CallStatus"),
  };
}

function legOf(direction: string, from: string): Leg {
  if (direction === "outbound-dial") return "dialed";
  if (direction.startsWith("outbound")) return "placed";
  return from.startsWith("client:") ? "browser" : "incoming";
}

function callSidOf(params: Params): string | undefined {
  return CALL_SID.exec(valueOf(params, "CallSid"))?.[0];
}

/** Distinguishes kinds by their parameters; Twilio docs: "voice/twiml" and "voice/api/call-resource". */
function kindOf(params: Params): Kind {
  const has = (name: string) => params[name] !== undefined;
  if (isFromSoftphone(params)) return kindFromSoftphone(params);
  if (has("RecordingSid") && has("RecordingStatus")) return "recording";
  if (has("CallbackSource")) return "status";
  if (has("DialCallStatus")) return "dial-action";
  if (!has("CallSid") || !has("CallStatus") || !has("Direction") || !has("ApiVersion")) return "other";
  if (FOREIGN_MARKS.some(has)) return "other";
  if (has("ErrorCode") && has("ErrorUrl")) return "fallback";
  // Older accounts send the final callback of a number without CallbackSource.
  if (has("CallDuration")) return "status";
  if (has("RecordingUrl")) return "record-action";
  return isOver(valueOf(params, "CallStatus")) ? "status" : "voice";
}

/**
 * Whether the call came in from a browser or by SIP. Such a caller may add parameters of its own choice to the
 * requests for TwiML (Twilio docs, "voice/client": `device.connect({params})`).
 */
function isFromSoftphone(params: Params): boolean {
  const callers = [params.From ?? ""].flat();
  return [params.Direction ?? ""].flat().includes("inbound") &&
    callers.some((from) => /^(client|sips?):/.test(from));
}

/**
 * The kind of a request that names such a caller, by what Twilio itself says in it: CallStatus. A recording's
 * callback names no caller, and of a call that came in only the end is reported as a status.
 */
function kindFromSoftphone(params: Params): Kind {
  const has = (name: string) => params[name] !== undefined;
  const statuses = [params.CallStatus ?? ""].flat();
  if (statuses.includes("ringing")) return "voice";
  const over = statuses.some(isOver);
  if (over && has("CallbackSource")) return "status";
  if (has("DialCallStatus")) return "dial-action";
  if (!over && has("RecordingUrl")) return "record-action";
  if (FOREIGN_MARKS.some(has)) return "other";
  if (!over) return has("ErrorCode") && has("ErrorUrl") ? "fallback" : "voice";
  return has("RecordingUrl") && !has("CallDuration") ? "record-action" : "status";
}
