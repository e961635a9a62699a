// The country of a phone number, and whether calls to it are allowed. This is the first protection against toll
// fraud; Twilio's dialing permissions are the second.

import { COUNTRY_PREFIXES } from "./country_prefixes.ts";

/** +1 (the North American Numbering Plan): an area code, then seven digits. */
const NORTH_AMERICAN = /^\+1[2-9]\d{9}$/;

/** Area code 900, and exchange 976 in every area code: callers pay a premium (NANPA: 900 and 976 services). */
const PREMIUM = /^\+1(900|\d{3}976)/;

interface Table {
  byPrefix: Map<string, string>;
  longest: number;
}

let table: Table | undefined;

/** Built on first use, so that a worker that never needs it starts without it. */
function readTable(): Table {
  if (table !== undefined) return table;
  const byPrefix = new Map<string, string>();
  for (const entry of COUNTRY_PREFIXES.split("|")) {
    const [country = "", ...prefixes] = entry.trim().split(/\s+/);
    for (const prefix of prefixes) byPrefix.set(prefix, country);
  }
  table = { byPrefix, longest: Math.max(...[...byPrefix.keys()].map((prefix) => prefix.length)) };
  return table;
}

/** The ISO 3166 code of the country an E.164 number belongs to; "" if it belongs to none. */
export function countryOf(number: string): string {
  if (number.startsWith("+1") && !NORTH_AMERICAN.test(number)) return "";
  const { byPrefix, longest } = readTable();
  const digits = number.slice(1);
  for (let length = Math.min(longest, digits.length); length > 0; length--) {
    const country = byPrefix.get(digits.slice(0, length));
    if (country !== undefined) return country;
  }
  return "";
}

/** Whether calls to an E.164 number are allowed: its country is in the list, and it is not a premium number. */
export function mayCall(number: string, allowedCountries: string[]): boolean {
  return !PREMIUM.test(number) && allowedCountries.includes(countryOf(number));
}
