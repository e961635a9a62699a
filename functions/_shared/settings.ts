// Applies an environment's settings to a call. Their types are generated from the Python models.
// Settings are not secret; secrets are environment variables.

import type { Callers, NumberSettings, Settings, SipDomain, Voicemail } from "./settings_types.ts";

export type { Callers, NumberSettings, Settings, SipDomain, Voicemail };

export interface Revision {
  revision: string;
}

/** The effective settings of a number: the defaults with the number's own settings. */
export function settingsFor(settings: Settings, phoneNumber: string): NumberSettings {
  const own = Object.hasOwn(settings.numbers, phoneNumber) ? settings.numbers[phoneNumber] : {};
  return { ...settings.defaults, ...own };
}

/** Whether calls of a number are recorded. */
export function isRecorded(number: NumberSettings): boolean {
  return Boolean(number.record) && number.record !== "do-not-record";
}

/** The URL that receives Twilio's requests; `query` is its raw query string or "". */
export function webhookUrl(settings: Settings, query = ""): string {
  return `${settings.functionsUrl}/${settings.functionName}${query}${settings.delivery}`;
}
