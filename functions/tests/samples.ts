// What the unit tests start from.

import type { CallRow } from "../_shared/database.ts";
import type { Params } from "../_shared/form.ts";
import type { NumberSettings, Settings } from "../_shared/settings.ts";

export const OURS = "+15551234567";
export const LEAD = "+15550001111";
export const AGENT = "+15557654321";
export const WEBHOOK = "https://abc.supabase.co/functions/v1/twilio-webhook";

/** Settings of an environment with one number, which has these settings of its own. */
export function settingsWith(number: NumberSettings, changes: Partial<Settings> = {}): Settings {
  return {
    functionsUrl: "https://abc.supabase.co/functions/v1",
    functionName: "twilio-webhook",
    accountSids: ["AC5a4db0c55a4db0c55a4db0c55a4db0c5"],
    twilioApiUrl: "https://api.twilio.com",
    delivery: "#rc=3&rp=ct,rt,5xx",
    statusEvents: ["initiated", "ringing", "answered", "completed"],
    allowedOrigins: [],
    allowedCountries: ["US", "CA"],
    defaults: {},
    numbers: { [OURS]: number },
    callsPerMinute: 10,
    totalCallsPerMinute: 60,
    sipHosts: [],
    combineCallbacks: true,
    ...changes,
  };
}

export const USER = "11111111-2222-4333-8444-555555555555";

/** The header of a token with these claims. */
export function bearer(claims: unknown): string {
  return `Bearer a.${btoa(JSON.stringify(claims)).replaceAll("=", "")}.c`;
}

/** The header of a signed-in user. */
export const BEARER = bearer({ role: "authenticated", sub: USER });

/** The row of a lead's call to the number, which the agent answered. */
export const INCOMING: CallRow = {
  call_sid: `CA${"1".repeat(32)}`,
  parent_call_sid: null,
  account_sid: "AC5a4db0c55a4db0c55a4db0c55a4db0c5",
  direction: "inbound",
  from_number: LEAD,
  to_number: OURS,
  dial_number: AGENT,
  agent_first: null,
  ended_at: null,
};

/** The auth token of the account. */
export const TOKEN = "a".repeat(32);

/** The signature of a text under the auth token. */
export async function signatureOf(text: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(TOKEN), algorithm, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text)));
  return btoa(String.fromCharCode(...signature));
}

export const PHONES = "crm.sip.twilio.com";

/** The parameters of a voice request of a phone that calls through a SIP domain. */
export function fromPhone(dialed: string, changes: Params = {}): Params {
  return incoming({
    From: `sip:alice@${PHONES}`,
    To: `sip:${dialed}@${PHONES}`,
    SipDomain: PHONES,
    ...changes,
  });
}

/** The parameters of a voice request of an incoming call. */
export function incoming(changes: Params = {}): Params {
  return {
    CallSid: `CA${"1".repeat(32)}`,
    ApiVersion: "2010-04-01",
    CallStatus: "ringing",
    Direction: "inbound",
    From: LEAD,
    To: OURS,
    ...changes,
  };
}
