// Calls that phones make through a SIP domain of the environment: what they dialed.
// `To` is the URI of the INVITE (Twilio docs, "voice/api/sip-twiml"); Twilio has checked who calls.

import { isE164 } from "./dial.ts";
import type { Settings, SipDomain } from "./settings.ts";

export interface SipCall {
  domain: SipDomain;
  /** A phone number in E.164 form, or the name before the "@" as it was dialed. */
  dialed: string;
}

const ADDRESS = /^sips?:([^@;?\s]+)[^@\s]*@([a-z\d.-]+)/i;

/** The call that came in at this address; null if that is not at a SIP domain of the environment. */
export function sipCall(from: string, to: string, settings: Settings): SipCall | null {
  if (!/^sips?:/i.test(from)) return null;
  const [, user, host] = ADDRESS.exec(to) ?? [];
  if (user === undefined || host === undefined) return null;
  // A domain is reached by a localized name as well: crm.sip.us1.twilio.com is crm.sip.twilio.com.
  const name = host.toLowerCase().replace(/\.sip\.[a-z\d-]+\.twilio\.com$/, ".sip.twilio.com");
  const domains = settings.sipDomains ?? {};
  const domain = Object.hasOwn(domains, name) ? domains[name] : undefined;
  if (domain === undefined) return null;
  const dialed = decoded(user);
  return { domain, dialed: asNumber(dialed) ?? dialed };
}

/** The number that was dialed, with its country code; null where none was, or the country is not certain. */
function asNumber(dialed: string): string | null {
  const digits = dialed.replace(/[-(). ]/g, "");
  const international = /^(?:\+|00|011)([1-9]\d{6,14})$/.exec(digits)?.[1] ?? /^(1\d{10})$/.exec(digits)?.[1];
  const number = `+${international}`;
  return international !== undefined && isE164(number) ? number : null;
}

function decoded(user: string): string {
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}
