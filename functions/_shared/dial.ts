// The <Dial> verb. Attributes and their limits: Twilio docs, "voice/twiml/dial".

import { isRecorded, type NumberSettings, type Settings, webhookUrl } from "./settings.ts";
import { type Attributes, element, escapeXml } from "./xml.ts";

/** The maximum number of parties that Twilio rings for one <Dial>. */
const MAX_PARTIES = 10;

export interface DialOptions {
  callerId?: string;
  /** The query string of the URLs for this call's next requests. */
  query: string;
  /** Nothing comes after it: Twilio does not need to ask. */
  last?: boolean;
  /** Ask for TwiML that the dialed party hears before the two are connected. */
  whisper?: boolean;
}

/** Whether this is a phone number in E.164 form: a plus sign, then the country code, at most 15 digits in all. */
export function isE164(text: string): boolean {
  return /^\+[1-9]\d{6,14}$/.test(text);
}

/** Whether <Dial> can ring this: it is a phone number, a SIP address or a client. */
export function isDialable(text: string): boolean {
  return isE164(text) || /^sips?:[^\s@;]+@[^\s@]+$/.test(text) || /^client:[\w.@+-]{1,121}$/.test(text);
}

/**
 * Rings the targets, records as the settings say, and reports every step of each leg and of the recording.
 *
 * The legs' callbacks are attributes of the parties: <Dial> itself has none (Twilio: warning 12200).
 */
export function dial(
  targets: string[],
  number: NumberSettings,
  settings: Settings,
  options: DialOptions,
): string {
  const url = webhookUrl(settings, options.query);
  const events = number.statusEvents ?? settings.statusEvents;
  const party: Attributes = {
    statusCallback: url,
    statusCallbackEvent: events.length > 0 ? events.join(" ") : undefined,
    statusCallbackMethod: "POST",
  };
  if (options.whisper) party.url = url;
  const attributes: Attributes = {
    action: options.last ? undefined : url,
    method: options.last ? undefined : "POST",
    timeout: number.ringSeconds ?? undefined,
    callerId: options.callerId,
    sequential: number.dialOrder === "sequential" && targets.length > 1 ? true : undefined,
    record: number.record ?? undefined,
  };
  if (isRecorded(number)) {
    attributes.recordingTrack = number.recordingTrack ?? undefined;
    attributes.recordingStatusCallback = url;
    attributes.recordingStatusCallbackMethod = "POST";
    attributes.recordingStatusCallbackEvent = "in-progress completed absent";
  }
  return element(
    "Dial",
    attributes,
    targets.slice(0, MAX_PARTIES).map((target) => noun(target, party)).join(""),
  );
}

function noun(target: string, party: Attributes): string {
  if (target.startsWith("client:")) {
    return element("Client", party, escapeXml(target.slice("client:".length)));
  }
  if (target.startsWith("sip:") || target.startsWith("sips:")) {
    return element("Sip", party, escapeXml(target));
  }
  return element("Number", party, escapeXml(target));
}
