// What the CRM's page requests, checked against the environment, and the parameters of the call at Twilio.

import { badRequest, Problem } from "../_shared/browser.ts";
import { parseRequest } from "../_shared/caller_requests.ts";
import { dial, isE164 } from "../_shared/dial.ts";
import { isRecorded, type Settings, settingsFor, webhookUrl } from "../_shared/settings.ts";
import { checkCountry, checkPhone } from "../_shared/targets.ts";
import { twiml } from "../_shared/xml.ts";

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
  const body = parseRequest(text, KEYS, '{"to": "+15557654321"}');
  const { to, from = defaultCallerId(settings), agent, reference } = body;
  if (to === undefined || !isE164(to)) {
    throw badRequest('"to" must be a phone number with plus sign and country code, such as +15557654321.');
  }
  if (from === undefined) {
    throw badRequest('"from" is missing and this environment has no number to call from.');
  }
  if (from !== settings.defaults.callerId && !Object.hasOwn(settings.numbers, from)) {
    throw new Problem(403, "caller-id", `"from": ${from} is not one of this environment's numbers.`);
  }
  if (agent !== undefined) checkPhone("agent", agent, settings);
  checkCountry("to", to, settings);
  if (reference !== undefined && reference.length > 200) {
    throw badRequest('"reference" may have 200 characters at most.');
  }
  if (reference !== undefined && UNSTORABLE.test(reference)) {
    throw badRequest('"reference" contains NUL or half of a surrogate pair, which cannot be stored.');
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

function defaultCallerId(settings: Settings): string | undefined {
  return settings.defaults.callerId ?? Object.keys(settings.numbers)[0];
}
