// The settings of one environment. A deploy writes them as settings.json next to a function's index.ts.
// Generated from infra/number_settings.py and infra/handler_settings.py: change those and run `make generate`.

/** How calls of one number are handled; a key that is absent or null leaves Twilio's default. */
export interface NumberSettings {
  /** Whether the handler answers incoming calls. false clears the number's voice URL. */
  answer?: boolean | null;
  /** Reject every incoming call. Rejected calls are not answered and not billed. */
  reject?: "busy" | "rejected" | null;
  /** Where incoming calls are forwarded: E.164 numbers, sip:..., client:... */
  forwardTo?: string[] | null;
  /** Whether several destinations ring at the same time (default) or one after the other. */
  dialOrder?: "simultaneous" | "sequential" | null;
  /** How many seconds the destinations ring. Twilio's default: 30. */
  ringSeconds?: number | null;
  /** The caller ID that the destinations see. Default: the caller's number. */
  callerId?: string | null;
  /** Whether calls are recorded, and from when on. */
  record?:
    | "do-not-record"
    | "record-from-answer"
    | "record-from-ringing"
    | "record-from-answer-dual"
    | "record-from-ringing-dual"
    | null;
  /** Which side of the call is recorded. Twilio's default: both. */
  recordingTrack?: "inbound" | "outbound" | "both" | null;
  /** A text that is spoken to the caller before a recorded call is connected. */
  announcement?: string | null;
  /** Take a message if nobody answers. */
  voicemail?: Voicemail | null;
  /**
   * Which call status events reach the handler. Acts on calls created through the API and on the legs to
   * which an incoming call is forwarded; absent, those report all four. For the incoming call itself,
   * Twilio only reports its end.
   */
  statusEvents?: ("initiated" | "ringing" | "answered" | "completed")[] | null;
}

/** Voicemail for calls that nobody answers. */
export interface Voicemail {
  /** What the caller hears. */
  greeting: string;
  /** The longest message, in seconds. */
  maxLength: number;
}

/** Which signed-in users may place calls. */
export interface Callers {
  /**
   * The key in the user's `app_metadata` that decides. Only the project's operators can write
   * `app_metadata`; a change takes effect when the user's token is renewed, within an hour. Absent:
   * every signed-in user who is not anonymous.
   */
  claim?: string | null;
  /** The values that permit calls. The key must have one of them, or a list that contains one. */
  anyOf: (string | number | boolean)[];
}

/** How calls of a SIP domain's phones are handled. */
export interface SipDomain {
  /**
   * Whether phones of the domain may call any number of the countries that browser phones may call. They
   * reach the environment's own numbers in any case.
   */
  outgoing?: boolean | null;
  /** The caller ID of such calls. Default: `callerId` of the defaults, else the first number. */
  callerId?: string | null;
  /** Where calls go that dial a name, such as `sip:sales@...`. Default: `forwardTo` of the defaults. */
  forwardTo?: string[] | null;
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
  /** The status events of created calls and dialed legs. */
  statusEvents: ("initiated" | "ringing" | "answered" | "completed")[];
  /** Web origins whose pages may use the functions for pages. */
  allowedOrigins: string[];
  /** ISO codes of the countries to which calls are allowed; empty: none. */
  allowedCountries: string[];
  /** Which signed-in users may place calls; null: all who are not anonymous. */
  callers?: Callers | null;
  /** Calls that one user may place or transfer per minute. */
  callsPerMinute: number;
  /** Calls that all users together may place or transfer per minute. */
  totalCallsPerMinute: number;
  /** Hosts of the SIP addresses that a page may ring, in lower case. */
  sipHosts: string[];
  /** `key-only`: requests that an auth token signed are refused; null: they are accepted. */
  signature?: "key-only" | null;
  /** Whether callbacks that arrive together share one request to the database. */
  combineCallbacks: boolean;
  /** SIP domains whose phones call, by name; absent: none. */
  sipDomains?: Record<string, SipDomain> | null;
  /** The settings of all numbers. */
  defaults: NumberSettings;
  /** The settings that differ from the defaults, by E.164 number. */
  numbers: Record<string, NumberSettings>;
}
