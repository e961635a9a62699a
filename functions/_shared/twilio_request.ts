// Admits a request that claims to be Twilio's, or refuses it. Nothing else happens before that.

import {
  hasNul,
  hasTooMany,
  type Pairs,
  type Params,
  parseForm,
  readBody,
  toParams,
  valueOf,
} from "./form.ts";
import { isSigned, signedTexts } from "./signature.ts";
import type { Settings } from "./settings.ts";
import { chooseSigning, type SigningSecrets } from "./signing_secrets.ts";

export interface TwilioRequest {
  params: Params;
  /** Whether a NUL in the parameters was replaced by U+FFFD. */
  nulReplaced: boolean;
  /** The raw query string, "" or from "?". */
  query: string;
  /** The nonce of a check request, by which a deploy asks which revision answers; null in any other request. */
  nonce: string | null;
}

/** A refusal. Its reason is for the log; the caller gets no reason. */
export interface Refusal {
  refused: string;
}

/**
 * Validates a request: method, address, size, signature, account.
 *
 * The signature is checked against the declared public address, since behind Supabase's gateway the request's
 * own URL has a different scheme, host and path.
 *
 * @param slug The function's declared name; `<slug>-candidate` is the same function while a deploy checks it.
 * @param secrets What may sign: the account's auth tokens, and the shared keys of webhook rules.
 */
export async function admit(
  request: Request,
  settings: Settings,
  slug: string,
  secrets: SigningSecrets,
): Promise<TwilioRequest | Refusal> {
  if (request.method !== "POST" && request.method !== "GET") return { refused: "method" };
  const { path, query } = target(request.url);
  const name = path.slice(1);
  if (name !== slug && name !== `${slug}-candidate`) return { refused: "path" };
  const signature = request.headers.get("x-twilio-signature");
  if (signature === null) return { refused: "unsigned" };
  const settingsHeader = request.headers.get("x-twilio-webhooks-signature-settings");
  const signing = chooseSigning(settingsHeader, secrets, settings.signature === "key-only");
  if (typeof signing === "string") return { refused: signing };

  let pairs: Pairs = [];
  if (request.method === "POST") {
    const type = request.headers.get("content-type") ?? "";
    if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) return { refused: "content type" };
    const body = await readBody(request);
    if (body === null || hasTooMany(body)) return { refused: "too large" };
    pairs = parseForm(body);
  }
  const texts = signedTexts(`${settings.functionsUrl}/${name}${query}`, pairs);
  if (!await isSigned(signature, texts, signing.secrets, signing.hash)) return { refused: "signature" };

  if (request.method === "GET") pairs = parseForm(query);
  const params = toParams(pairs);
  const nulReplaced = hasNul(pairs);
  // Twilio's own test request, by which a deploy asks whether a key's signatures are accepted. Nobody who calls
  // chooses a URL's query.
  const asked = CHECK_QUERY.exec(query)?.[1];
  if (asked !== undefined) return { params, nulReplaced, query, nonce: asked };
  // Only if it has no other parameter: a caller from a browser may give one of its own this name.
  if (request.method === "POST" && pairs.length === 1 && params.VoicehooksCheck !== undefined) {
    return { params, nulReplaced, query, nonce: valueOf(params, "VoicehooksCheck") };
  }
  const accounts = [params.AccountSid ?? ""].flat();
  if (!accounts.some((account) => settings.accountSids.includes(account))) return { refused: "account" };
  return { params, nulReplaced, query, nonce: null };
}

/** The query of a check request without our body; a GET request has nothing else. */
const CHECK_QUERY = /^\?VoicehooksCheck=([0-9A-Za-z-]{1,64})$/;

/** The path and the raw query string: `URL` would re-encode what Twilio signed byte for byte. */
export function target(url: string): { path: string; query: string } {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  if (start < 0) return { path: "/", query: "" };
  const hash = url.indexOf("#", start);
  const whole = hash < 0 ? url.slice(start) : url.slice(start, hash);
  const mark = whole.indexOf("?");
  return mark < 0 ? { path: whole, query: "" } : { path: whole.slice(0, mark), query: whole.slice(mark) };
}
