// The settings of one environment, as the deploy writes them next to a function's index.ts (settings.json).
// They are no secrets: those come from the environment's variables.

export type RecordMode =
  | "do-not-record"
  | "record-from-answer"
  | "record-from-ringing"
  | "record-from-answer-dual"
  | "record-from-ringing-dual";

/** What happens to calls of one number; an absent (or null) key leaves Twilio's default. */
export interface NumberSettings {
  answer?: boolean;
  statusEvents?: string[];
  record?: RecordMode;
  recordingTrack?: "inbound" | "outbound" | "both";
  /** Who is rung: E.164 numbers, `sip:` addresses, `client:` names. */
  forwardTo?: string[];
  dialOrder?: "simultaneous" | "sequential";
  ringSeconds?: number;
  callerId?: string;
  /** Said before a call that is recorded. */
  announcement?: string;
  voicemail?: { greeting?: string; maxLength?: number };
  reject?: "busy" | "rejected";
}

export interface Settings {
  environment: string;
  /** The public base of the project's functions, without a trailing slash. */
  functionsUrl: string;
  functionName: string;
  accountSids: string[];
  twilioApiUrl: string;
  /** Twilio's connection overrides, as a URL fragment (`#rc=3&rp=ct,rt,5xx`), or "". */
  delivery: string;
  statusEvents: string[];
  allowedOrigins: string[];
  /** ISO codes of the countries that may be called; empty: left to Twilio's own dialing permissions. */
  allowedCountries: string[];
  defaults: NumberSettings;
  numbers: Record<string, NumberSettings>;
  anyNumber: boolean;
  /** Calls a user may place in a minute; 10 if absent. */
  callsPerMinute?: number;
}

export interface Revision {
  revision: string;
}

/** The settings in force for a number: the defaults with what that number has of its own. */
export function settingsFor(settings: Settings, phoneNumber: string): NumberSettings {
  const own = Object.hasOwn(settings.numbers, phoneNumber) ? settings.numbers[phoneNumber] : {};
  return { ...settings.defaults, ...own };
}

/** Whether calls of a number are recorded. */
export function isRecorded(number: NumberSettings): boolean {
  return Boolean(number.record) && number.record !== "do-not-record";
}

/** The address that Twilio's requests of this environment go to; `query` is its raw query string or "". */
export function webhookUrl(settings: Settings, query = ""): string {
  return `${settings.functionsUrl}/${settings.functionName}${query}${settings.delivery}`;
}
