// What a call hears: TwiML for each request whose answer Twilio executes.

import { mayCall } from "./countries.ts";
import { dial, type DialOptions, isE164 } from "./dial.ts";
import { type Params, valueOf } from "./form.ts";
import type { Kind } from "./kinds.ts";
import {
  isRecorded,
  type NumberSettings,
  type Settings,
  settingsFor,
  type Voicemail,
  webhookUrl,
} from "./settings.ts";
import { element, escapeXml, twiml } from "./xml.ts";

const NOBODY = "Thank you for calling. Nobody can take your call right now. Please try again later.";

type Onward = Pick<DialOptions, "query" | "last">;

/**
 * The TwiML that answers a request.
 *
 * @param query The query string ("" or from "?") that further requests of this call carry on.
 */
export function answer(kind: Kind, params: Params, settings: Settings, query: string): string {
  if (kind === "dial-action") return afterDial(params, settings, query);
  if (kind === "record-action") return twiml(element("Hangup", {}));
  const direction = valueOf(params, "Direction");
  // A whisper: it is played to the dialed party before the two are connected.
  if (direction === "outbound-dial") {
    return twiml(...announcement(settingsFor(settings, valueOf(params, "From"))));
  }
  if (direction.startsWith("outbound")) return outgoingAnswered(params, settings, query);
  if (valueOf(params, "From").startsWith("client:")) return fromBrowser(params, settings, { query });
  return incoming(params, settings, { query });
}

/**
 * The TwiML for a call whose webhook gave no usable answer: forwards it without relying on that webhook again.
 *
 * Only a call that is still ringing is forwarded. One that was answered already has had its conversation, and
 * Twilio failed on what comes after it.
 */
export function fallbackAnswer(params: Params, settings: Settings): string {
  const to = valueOf(params, "To");
  const from = valueOf(params, "From");
  const number = settingsFor(settings, to);
  if (valueOf(params, "CallStatus") !== "ringing" || valueOf(params, "Direction") !== "inbound") {
    return polite(NOBODY);
  }
  if (from.startsWith("client:")) return fromBrowser(params, settings, { query: "", last: true });
  return incoming(params, { ...settings, defaults: { ...number, voicemail: undefined }, numbers: {} }, {
    query: "",
    last: true,
  });
}

/** Somebody calls one of our numbers. */
function incoming(params: Params, settings: Settings, onward: Onward): string {
  const to = valueOf(params, "To");
  const number = settingsFor(settings, to);
  if (number.reject) return twiml(element("Reject", { reason: number.reject }));
  const targets = number.forwardTo ?? [];
  if (targets.length === 0) {
    return number.voicemail ? voicemail(number.voicemail, settings, onward.query) : polite(NOBODY);
  }
  // Only a caller with a number can lend it to the forwarded leg.
  const callerId = number.callerId ?? (isE164(valueOf(params, "From")) || !isE164(to) ? undefined : to);
  return twiml(...announcement(number), dial(targets, number, settings, { ...onward, callerId }));
}

/** An agent calls from a browser: `To` is the number asked for. */
function fromBrowser(params: Params, settings: Settings, onward: Onward): string {
  const to = valueOf(params, "To");
  const callerId = settings.defaults.callerId ?? Object.keys(settings.numbers)[0];
  if (callerId === undefined) return polite("This phone system has no number to call from.");
  if (!isE164(to)) {
    return polite("This is not a phone number. Write it with a plus sign and the country code.");
  }
  if (!mayCall(to, settings.allowedCountries)) return polite("Calls to this country are not allowed.");
  const number = settingsFor(settings, callerId);
  const whisper = announcement(number).length > 0;
  return twiml(dial([to], number, settings, { ...onward, callerId, whisper }));
}

/** A call placed through the API was picked up: connect the lead with whoever takes the calls of our number. */
function outgoingAnswered(params: Params, settings: Settings, query: string): string {
  const from = valueOf(params, "From");
  const number = settingsFor(settings, from);
  const targets = number.forwardTo ?? [];
  if (targets.length === 0) return polite("Nobody is available right now. We will call you again.");
  return twiml(...announcement(number), dial(targets, number, settings, { callerId: from, query }));
}

/** The <Dial> is over. Only a caller that nobody answered still needs something: the voicemail. */
function afterDial(params: Params, settings: Settings, query: string): string {
  const answered = ["completed", "answered"].includes(valueOf(params, "DialCallStatus"));
  const incoming = valueOf(params, "Direction") === "inbound" &&
    !valueOf(params, "From").startsWith("client:");
  const callerIsThere = valueOf(params, "CallStatus") !== "completed";
  const number = settingsFor(settings, valueOf(params, "To"));
  if (!answered && incoming && callerIsThere && number.voicemail) {
    return voicemail(number.voicemail, settings, query);
  }
  return twiml(element("Hangup", {}));
}

function voicemail(message: Voicemail, settings: Settings, query: string): string {
  const url = webhookUrl(settings, query);
  return twiml(
    element("Say", {}, escapeXml(message.greeting)),
    element("Record", {
      maxLength: message.maxLength,
      action: url, // without one Twilio asks the current URL, which would greet again
      method: "POST",
      recordingStatusCallback: url,
      recordingStatusCallbackMethod: "POST",
      recordingStatusCallbackEvent: "in-progress completed absent",
    }),
  );
}

/** The law of many places wants a recorded call announced. */
function announcement(number: NumberSettings): string[] {
  return isRecorded(number) && number.announcement
    ? [element("Say", {}, escapeXml(number.announcement))]
    : [];
}

function polite(sentence: string): string {
  return twiml(element("Say", {}, escapeXml(sentence)), element("Hangup", {}));
}
