// The part of Twilio's REST API that the functions use.

import type { Settings } from "./settings.ts";

const TIMEOUT_MS = 15_000;

export interface TwilioAccount {
  baseUrl: string;
  accountSid: string;
  /** The value of the Authorization header. */
  authorization: string;
}

/** Twilio refused a request, or did not answer (status 0). */
export class TwilioError extends Error {
  override name = "TwilioError";
  constructor(readonly status: number, readonly code: number | null, message: string) {
    super(message);
  }
}

/** The account, with its API key if there is one, else with its auth token. */
export function twilioAccount(
  settings: Settings,
  env: { get(name: string): string | undefined },
): TwilioAccount {
  const accountSid = settings.accountSids[0] ?? "";
  const keySid = env.get("VOICEHOOKS_API_KEY_SID");
  const keySecret = env.get("VOICEHOOKS_API_KEY_SECRET");
  const pair = keySid && keySecret
    ? `${keySid}:${keySecret}`
    : `${accountSid}:${env.get("VOICEHOOKS_AUTH_TOKEN") ?? ""}`;
  return { baseUrl: settings.twilioApiUrl, accountSid, authorization: `Basic ${btoa(pair)}` };
}

/** Creates a call and returns Twilio's resource. A list repeats its key, as Twilio expects. Throws TwilioError. */
export async function createCall(
  account: TwilioAccount,
  params: Record<string, string | string[] | undefined>,
): Promise<{ sid: string; status: string }> {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    for (const item of Array.isArray(value) ? value : value === undefined ? [] : [value]) {
      body.append(name, item);
    }
  }
  const url = `${account.baseUrl}/2010-04-01/Accounts/${account.accountSid}/Calls.json`;
  let response: Response;
  let answer: unknown;
  try {
    const headers = { authorization: account.authorization };
    response = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    answer = await response.json();
  } catch {
    throw new TwilioError(0, null, "Twilio did not answer");
  }
  const { sid, status, code, message } = (answer ?? {}) as Record<string, unknown>;
  if (!response.ok) {
    throw new TwilioError(
      response.status,
      typeof code === "number" ? code : null,
      typeof message === "string" ? message : `HTTP status ${response.status}`,
    );
  }
  // A success without a call: as with no answer at all, the call may be in progress.
  if (typeof sid !== "string") throw new TwilioError(0, null, "Twilio's answer is not a call");
  return { sid, status: typeof status === "string" ? status : "queued" };
}

/** Requests a recording's audio; `range` is the browser's Range header. The caller reads or cancels the body. */
export function fetchMedia(
  account: TwilioAccount,
  recordingSid: string,
  format: "mp3" | "wav",
  range: string | null,
  signal: AbortSignal,
): Promise<Response> {
  const url =
    `${account.baseUrl}/2010-04-01/Accounts/${account.accountSid}/Recordings/${recordingSid}.${format}`;
  const headers: Record<string, string> = { authorization: account.authorization };
  if (range !== null) headers.range = range;
  return fetch(url, { headers, signal });
}
