// The settings of one environment, as a deploy writes them next to a function's index.ts (settings.json).
// Generated from infra/settings.py and infra/handler_settings.py: change those and run `make generate`.

/** What happens with calls of one number; a key that is absent or null leaves Twilio's default. */
export interface NumberSettings {
  /** Whether incoming calls go to the handler. false clears the number's voice URL. */
  answer?: boolean | null;
  /** Turn every incoming call away, unanswered and unbilled. */
  reject?: "busy" | "rejected" | null;
  /** Who is called when somebody calls the number: E.164 numbers, sip:..., client:... */
  forwardTo?: string[] | null;
  /** Whether several destinations ring together (default) or one after the other. */
  dialOrder?: "simultaneous" | "sequential" | null;
  /** How long they ring. Twilio's default: 30. */
  ringSeconds?: number | null;
  /** The number shown to whom a call is forwarded. Default: the caller's own. */
  callerId?: string | null;
  /** Whether and from when calls are recorded. */
  record?:
    | "do-not-record"
    | "record-from-answer"
    | "record-from-ringing"
    | "record-from-answer-dual"
    | "record-from-ringing-dual"
    | null;
  /** Which side is recorded. Twilio's default: both. */
  recordingTrack?: "inbound" | "outbound" | "both" | null;
  /** Spoken to the caller before a recorded call is connected, where the law requires it. */
  announcement?: string | null;
  /** Take a message when nobody answers. */
  voicemail?: Voicemail | null;
  /**
   * Which call status events reach the handler. Acts on calls made by API and on the legs that an
   * incoming call is forwarded to; Twilio reports an incoming call itself only when it ends.
   */
  statusEvents?: ("initiated" | "ringing" | "answered" | "completed")[] | null;
}

/** A message taken when nobody answers. */
export interface Voicemail {
  /** What the caller hears. */
  greeting: string;
  /** The longest message, in seconds. */
  maxLength: number;
}

/** Which signed-in users may place calls. */
export interface Callers {
  /**
   * The key of the user's `app_metadata` that decides. Only the project's operators can write
   * `app_metadata`; a change takes effect when the user's token is renewed, within an hour. Absent:
   * every signed-in user who is not anonymous.
   */
  claim?: string | null;
  /** The values of that key, or of a list there, that permit calls. */
  anyOf: (string | number | boolean)[];
}

/** The whole of settings.json. */
export interface Settings {
  /** The public base of the project's functions, without a trailing slash. */
  functionsUrl: string;
  /** The slug of the function that answers Twilio. */
  functionName: string;
  /** The Twilio accounts whose requests are accepted. */
  accountSids: string[];
  /** Twilio's REST API, without a trailing slash. */
  twilioApiUrl: string;
  /** Twilio's connection overrides as a URL fragment (`#rc=3&rp=ct,rt,5xx`), or empty. */
  delivery: string;
  /** The status events of created calls. */
  statusEvents: ("initiated" | "ringing" | "answered" | "completed")[];
  /** Web origins whose pages may use place-call and recording. */
  allowedOrigins: string[];
  /** ISO codes of the countries that may be called; empty: none. */
  allowedCountries: string[];
  /** Which signed-in users may place calls; null: all who are not anonymous. */
  callers?: Callers | null;
  /** Calls that one user may place in a minute. */
  callsPerMinute: number;
  /** Calls that all users together may place in a minute. */
  totalCallsPerMinute: number;
  /** Hosts of the SIP addresses that place-call may ring, in lower case. */
  sipHosts: string[];
  /** The settings of every number that does not say otherwise. */
  defaults: NumberSettings;
  /** What differs, by E.164 number. */
  numbers: Record<string, NumberSettings>;
}
