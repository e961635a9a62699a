// The part of Twilio's REST API that the functions use.

import type { Settings } from "./settings.ts";

const TIMEOUT_MS = 15_000;

export interface TwilioAccount {
  baseUrl: string;
  accountSid: string;
  /** The value of the Authorization header. */
  authorization: string;
  /** The same with the secondary auth token, which is the only valid one after its promotion; undefined without one. */
  secondaryAuthorization?: string;
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
  const basic = (user: string, password: string) => `Basic ${btoa(`${user}:${password}`)}`;
  const account = { baseUrl: settings.twilioApiUrl, accountSid };
  if (keySid && keySecret) return { ...account, authorization: basic(keySid, keySecret) };
  const secondary = env.get("VOICEHOOKS_SECONDARY_AUTH_TOKEN");
  return {
    ...account,
    authorization: basic(accountSid, env.get("VOICEHOOKS_AUTH_TOKEN") ?? ""),
    secondaryAuthorization: secondary ? basic(accountSid, secondary) : undefined,
  };
}

/**
 * Sends a request as the account. Once the secondary auth token is promoted, Twilio refuses the former one with 401:
 * the request, which it did not process, is then sent with the promoted token.
 */
async function fetchAs(account: TwilioAccount, url: string, init: RequestInit): Promise<Response> {
  const send = (authorization: string) =>
    fetch(url, { ...init, headers: { ...init.headers, authorization } });
  const response = await send(account.authorization);
  if (response.status !== 401 || account.secondaryAuthorization === undefined) return response;
  await response.body?.cancel();
  return await send(account.secondaryAuthorization);
}

/** The parameters of a request; a list repeats its key, as Twilio expects. */
type RequestParams = Record<string, string | string[] | undefined>;

/** Creates a call and returns Twilio's resource. Throws TwilioError. */
export async function createCall(
  account: TwilioAccount,
  params: RequestParams,
): Promise<{ sid: string; status: string }> {
  const { sid, status } = await ask(account, "Calls.json", params);
  // A success without a call: as with no answer at all, the call may be in progress.
  if (typeof sid !== "string") throw new TwilioError(0, null, "Twilio's answer is not a call");
  return { sid, status: typeof status === "string" ? status : "queued" };
}

/**
 * Ends or redirects a call leg (Twilio docs: Call resource, update).
 *
 * @returns false if Twilio says that the leg is over, or that it is not in progress yet.
 */
export async function updateCall(
  account: TwilioAccount,
  callSid: string,
  params: RequestParams,
): Promise<boolean> {
  try {
    await ask(account, `Calls/${callSid}.json`, params);
    return true;
  } catch (error) {
    // 21220: invalid call state; 20404: there is no such call to end any more.
    if (error instanceof TwilioError && [21220, 20404].includes(error.code ?? 0)) return false;
    throw error;
  }
}

/** The SIDs of the legs that a call has dialed and that are answered and not over. Throws TwilioError. */
export async function connectedLegs(account: TwilioAccount, parentCallSid: string): Promise<string[]> {
  const { calls } = await ask(account, `Calls.json?ParentCallSid=${parentCallSid}&Status=in-progress`);
  if (!Array.isArray(calls)) throw new TwilioError(0, null, "Twilio's answer is not a list of calls");
  return calls.map((call) => String(call.sid));
}

/** Sends a request, as POST if it has parameters, and returns Twilio's JSON. */
async function ask(
  account: TwilioAccount,
  path: string,
  params?: RequestParams,
): Promise<Record<string, unknown>> {
  const body = params && new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    for (const item of Array.isArray(value) ? value : value === undefined ? [] : [value]) {
      body?.append(name, item);
    }
  }
  const url = `${account.baseUrl}/2010-04-01/Accounts/${account.accountSid}/${path}`;
  const method = body ? "POST" : "GET";
  let response: Response;
  let answer: unknown;
  try {
    response = await fetchAs(account, url, { method, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
    answer = await response.json();
  } catch {
    throw new TwilioError(0, null, "Twilio did not answer");
  }
  const content = (answer ?? {}) as Record<string, unknown>;
  if (!response.ok) {
    const { code, message } = content;
    throw new TwilioError(
      response.status,
      typeof code === "number" ? code : null,
      typeof message === "string" ? message : `HTTP status ${response.status}`,
    );
  }
  return content;
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
  return fetchAs(account, url, { headers: range === null ? {} : { range }, signal });
}
