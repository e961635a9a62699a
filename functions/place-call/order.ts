// What the CRM's page requests, checked against the environment, and the parameters of the call at Twilio.

import { Problem } from "../_shared/browser.ts";
import { mayCall } from "../_shared/countries.ts";
import { dial, isDialable, isE164 } from "../_shared/dial.ts";
import { isRecorded, type Settings, settingsFor, webhookUrl } from "../_shared/settings.ts";
import { twiml } from "../_shared/xml.ts";
import { isSip, sipHost } from "./sip.ts";

/** A call to place. With an agent, the agent's phone rings first; without, the lead's phone does. */
export interface Order {
  to: string;
  from: string;
  agent?: string;
  reference?: string;
}

const KEYS = ["to", "from", "agent", "reference"];

/** What Postgres cannot store in a text: U+0000, and half of a surrogate pair, which has no UTF-8 form. */
const UNSTORABLE = /[\0\p{Surrogate}]/u;

/** Checks the request's JSON. Throws Problem with a sentence that names the key. */
export function parseOrder(text: string, settings: Settings): Order {
  const body = parseObject(text);
  const unknown = Object.keys(body).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    throw bad(`"${unknown}" is not a key of this request; it takes ${KEYS.join(", ")}.`);
  }
  for (const key of KEYS) {
    if (body[key] !== undefined && typeof body[key] !== "string") throw bad(`"${key}" must be a text.`);
  }
  const { to, from = defaultCallerId(settings), agent, reference } = body as Record<
    string,
    string | undefined
  >;
  if (to === undefined || !isE164(to)) {
    throw bad('"to" must be a phone number with plus sign and country code, such as +15557654321.');
  }
  if (from === undefined) throw bad('"from" is missing and this environment has no number to call from.');
  if (from !== settings.defaults.callerId && !Object.hasOwn(settings.numbers, from)) {
    throw new Problem(403, "caller-id", `"from": ${from} is not one of this environment's numbers.`);
  }
  if (agent !== undefined && !isDialable(agent)) {
    throw bad('"agent" must be a phone number (+1555...), a SIP address (sip:...) or a client (client:...).');
  }
  if (agent !== undefined && isSip(agent)) checkSipHost(agent, settings.sipHosts);
  for (const [key, number] of [["to", to], ["agent", agent]] as const) {
    if (number !== undefined && isE164(number) && !mayCall(number, settings.allowedCountries)) {
      throw new Problem(403, "country", `"${key}": calls to the country of ${number} are not allowed here.`);
    }
  }
  if (reference !== undefined && reference.length > 200) {
    throw bad('"reference" may have 200 characters at most.');
  }
  if (reference !== undefined && UNSTORABLE.test(reference)) {
    throw bad('"reference" contains NUL or half of a surrogate pair, which cannot be stored.');
  }
  return { to, from, agent, reference };
}

/** The parameters of the row that reserves the call (see `ingest_twilio_webhook`, kind `place`). */
export function reservation(order: Order, accountSid: string): Record<string, string> {
  const params: Record<string, string> = {
    AccountSid: accountSid,
    From: order.from,
    To: order.agent ?? order.to,
    AgentFirst: String(order.agent !== undefined),
  };
  if (order.agent !== undefined) params.Dial = order.to;
  if (order.reference !== undefined) params.Reference = order.reference;
  return params;
}

/** The parameters of Twilio's Calls resource. Every URL carries the reserved row's id. */
export function callParams(
  order: Order,
  settings: Settings,
  reservationId: string,
): Record<string, string | string[] | undefined> {
  const query = `?place=${reservationId}`;
  const url = webhookUrl(settings, query);
  const number = settingsFor(settings, order.from);
  const events = number.statusEvents ?? settings.statusEvents;
  return {
    To: order.agent ?? order.to,
    From: order.from,
    // What the agent's leg does is known now. For a lead's leg Twilio asks when it is answered.
    ...(order.agent === undefined
      ? { Url: url, Method: "POST" }
      : { Twiml: connectLead(order, settings, query) }),
    StatusCallback: url,
    StatusCallbackMethod: "POST",
    StatusCallbackEvent: events.length > 0 ? events : undefined,
    Timeout: number.ringSeconds ? String(number.ringSeconds) : undefined,
  };
}

function connectLead(order: Order, settings: Settings, query: string): string {
  const number = settingsFor(settings, order.from);
  const whisper = Boolean(number.announcement) && isRecorded(number);
  return twiml(dial([order.to], number, settings, { callerId: order.from, query, whisper }));
}

function checkSipHost(address: string, hosts: string[]): void {
  const host = sipHost(address);
  if (host === null) {
    throw bad(
      '"agent" must be a SIP address such as sip:user@host, with no parameter that names another host.',
    );
  }
  if (!hosts.includes(host)) {
    throw new Problem(403, "sip-host", `"agent": ${host} is not among the environment's sipHosts.`);
  }
}

function defaultCallerId(settings: Settings): string | undefined {
  return settings.defaults.callerId ?? Object.keys(settings.numbers)[0];
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) {
      return body as Record<string, unknown>;
    }
  } catch {
    // not JSON
  }
  throw bad('The request\'s body must be a JSON object such as {"to": "+15557654321"}.');
}

function bad(sentence: string): Problem {
  return new Problem(400, "bad-request", sentence);
}
