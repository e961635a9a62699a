// What a call hears: TwiML for each request whose answer Twilio executes.

import { type DialAction, isOver, type TwimlRequest, type VoiceRequest } from "./callback.ts";
import { mayCall } from "./countries.ts";
import { dial, type DialOptions, isE164 } from "./dial.ts";
import {
  isRecorded,
  type NumberSettings,
  type Settings,
  settingsFor,
  type SipDomain,
  type Voicemail,
  webhookUrl,
} from "./settings.ts";
import { type SipCall, sipCall } from "./sip_call.ts";
import { element, escapeXml, twiml } from "./xml.ts";

const NOBODY = "Thank you for calling. Nobody can take your call right now. Please try again later.";

const HANGUP = twiml(element("Hangup", {}));

type Onward = Pick<DialOptions, "query" | "last">;

/**
 * The TwiML that answers a request.
 *
 * @param query The query string ("" or from "?") that further requests of this call carry on.
 */
export function twimlForRequest(request: TwimlRequest, settings: Settings, query: string): string {
  switch (request.kind) {
    case "dial-action":
      return afterDial(request, settings, query);
    case "record-action":
      return HANGUP;
  }
  switch (request.leg) {
    case "incoming": {
      const call = sipCall(request.from, request.to, settings);
      return call
        ? fromSipPhone(call, request, settings, { query })
        : incoming(request, settingsFor(settings, request.to), settings, { query });
    }
    case "browser":
      return fromBrowser(request, settings, { query });
    case "placed":
      return leadAnswered(request, settings, query);
    case "dialed":
      // A whisper: it is played to the dialed party before the two are connected.
      return twiml(...announcement(settingsFor(settings, request.from)));
  }
}

/**
 * The TwiML for a call whose webhook gave no usable answer: forwards it without relying on that webhook again.
 *
 * Only a call that is still ringing is forwarded. One that was answered already has had its conversation, and
 * Twilio failed on what comes after it.
 */
export function twimlForFallback(request: VoiceRequest, settings: Settings): string {
  if (request.status !== "ringing" || request.direction !== "inbound") return sayAndHangUp(NOBODY);
  if (request.leg === "browser") return fromBrowser(request, settings, { query: "", last: true });
  const call = sipCall(request.from, request.to, settings);
  if (call) return fromSipPhone(call, request, settings, { query: "", last: true });
  const number = { ...settingsFor(settings, request.to), voicemail: undefined };
  return incoming(request, number, settings, { query: "", last: true });
}

/** Somebody calls one of our numbers. */
function incoming(
  { from, to }: VoiceRequest,
  number: NumberSettings,
  settings: Settings,
  onward: Onward,
): string {
  if (number.reject) return twiml(element("Reject", { reason: number.reject }));
  const targets = number.forwardTo ?? [];
  if (targets.length === 0) {
    return number.voicemail ? voicemail(number.voicemail, settings, onward.query) : sayAndHangUp(NOBODY);
  }
  // Only a caller with a number can lend it to the forwarded leg.
  const callerId = number.callerId ?? (isE164(from) || !isE164(to) ? undefined : to);
  return twiml(...announcement(number), dial(targets, number, settings, { ...onward, callerId }));
}

/** An agent calls from a browser: `To` is the number asked for. */
function fromBrowser({ to }: VoiceRequest, settings: Settings, onward: Onward): string {
  return outgoing(to, defaultCallerId(settings), settings, onward);
}

/** A phone calls through a SIP domain: one of our numbers, any number if the domain may, or a name. */
function fromSipPhone(
  { domain, dialed }: SipCall,
  request: VoiceRequest,
  settings: Settings,
  onward: Onward,
): string {
  const number = sipCallSettings(domain, dialed, settings);
  const callerId = domain.callerId ?? defaultCallerId(settings);
  if (number !== null) {
    const voicemail = onward.last ? undefined : number.voicemail;
    // A SIP address is no caller ID for a phone number.
    const own = number.callerId ?? (isE164(dialed) ? dialed : callerId);
    return incoming(request, { ...number, voicemail, callerId: own }, settings, onward);
  }
  if (!domain.outgoing) return sayAndHangUp("This phone may not call other numbers.");
  return outgoing(dialed, callerId, settings, onward);
}

/** The settings of what a phone of a SIP domain reaches with us; null if it dialed a number that is not ours. */
function sipCallSettings(domain: SipDomain, dialed: string, settings: Settings): NumberSettings | null {
  if (Object.hasOwn(settings.numbers, dialed)) return settingsFor(settings, dialed);
  if (isE164(dialed)) return null;
  return { ...settings.defaults, ...(domain.forwardTo ? { forwardTo: domain.forwardTo } : {}) };
}

/** The number that calls show which an agent's phone makes. */
function defaultCallerId(settings: Settings): string | undefined {
  return settings.defaults.callerId ?? Object.keys(settings.numbers)[0];
}

/** An agent's phone calls a number of somebody else. */
function outgoing(to: string, callerId: string | undefined, settings: Settings, onward: Onward): string {
  if (callerId === undefined) return sayAndHangUp("This phone system has no number to call from.");
  if (!isE164(to)) {
    return sayAndHangUp("This is not a phone number. Write it with a plus sign and the country code.");
  }
  if (!mayCall(to, settings.allowedCountries)) return sayAndHangUp("Calls to this country are not allowed.");
  const number = settingsFor(settings, callerId);
  const whisper = announcement(number).length > 0;
  return twiml(dial([to], number, settings, { ...onward, callerId, whisper }));
}

/** The lead answered a call placed through the API: connect the lead with whom our number's calls go to. */
function leadAnswered({ from }: VoiceRequest, settings: Settings, query: string): string {
  const number = settingsFor(settings, from);
  const targets = number.forwardTo ?? [];
  if (targets.length === 0) return sayAndHangUp("Nobody is available right now. We will call you again.");
  return twiml(...announcement(number), dial(targets, number, settings, { callerId: from, query }));
}

/** The <Dial> is over. Only a caller whom nobody answered still needs something: the voicemail. */
function afterDial(request: DialAction, settings: Settings, query: string): string {
  const isCaller = request.leg === "incoming" && request.direction === "inbound";
  if (request.answered || !isCaller || isOver(request.status)) return HANGUP;
  const call = sipCall(request.from, request.to, settings);
  const number = call
    ? sipCallSettings(call.domain, call.dialed, settings)
    : settingsFor(settings, request.to);
  const message = number?.voicemail; // an agent whose call nobody answered leaves none
  return message ? voicemail(message, settings, query) : HANGUP;
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

/** In many places the law requires that a recorded call is announced. */
function announcement(number: NumberSettings): string[] {
  return isRecorded(number) && number.announcement
    ? [element("Say", {}, escapeXml(number.announcement))]
    : [];
}

function sayAndHangUp(sentence: string): string {
  return twiml(element("Say", {}, escapeXml(sentence)), element("Hangup", {}));
}
