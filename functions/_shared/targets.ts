// The phones that a page may ring: numbers of allowed countries, SIP addresses at named hosts, and clients.

import { badRequest, Problem } from "./browser.ts";
import { mayCall } from "./countries.ts";
import { isDialable, isE164 } from "./dial.ts";
import type { Settings } from "./settings.ts";
import { isSip, sipHost } from "./sip.ts";

/** Throws Problem if a page may not ring this phone; the sentence names the request's key. */
export function checkPhone(key: string, phone: string, settings: Settings): void {
  if (!isDialable(phone)) {
    throw badRequest(
      `"${key}" must be a phone number (+1555...), a SIP address (sip:...) or a client (client:...).`,
    );
  }
  if (isSip(phone)) checkSipHost(key, phone, settings.sipHosts);
  checkCountry(key, phone, settings);
}

/** Throws Problem if this is a phone number of a country to which calls are not allowed. */
export function checkCountry(key: string, phone: string, settings: Settings): void {
  if (isE164(phone) && !mayCall(phone, settings.allowedCountries)) {
    throw new Problem(403, "country", `"${key}": calls to the country of ${phone} are not allowed here.`);
  }
}

function checkSipHost(key: string, address: string, hosts: string[]): void {
  const host = sipHost(address);
  if (host === null) {
    throw badRequest(
      `"${key}" must be a SIP address such as sip:user@host, with no parameter that names another host.`,
    );
  }
  if (!hosts.includes(host)) {
    throw new Problem(403, "sip-host", `"${key}": ${host} is not among the environment's sipHosts.`);
  }
}
