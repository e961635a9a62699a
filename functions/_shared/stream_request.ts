// Admits a request of Twilio's Event Streams, or refuses it: JSON, signed with the hash of its body.

import { readBody } from "./form.ts";
import type { Settings } from "./settings.ts";
import { isSigned, signedTexts } from "./signature.ts";
import { chooseSigning, type SigningSecrets } from "./signing_secrets.ts";
import { type Refusal, target } from "./twilio_request.ts";

/** A CloudEvent as it came; nothing in it is known to have the right type. */
export interface StreamEvent {
  id?: unknown;
  type?: unknown;
  data?: unknown;
}

/** A refusal; `unsure` if Twilio may have signed the request with something that is not known here yet. */
export interface StreamRefusal extends Refusal {
  unsure?: boolean;
}

export interface StreamRequest {
  /** Null: signed by Twilio, but not JSON as Event Streams sends it. */
  events: StreamEvent[] | null;
}

const encoder = new TextEncoder();
const HASH = /[?&]bodySHA256=([0-9a-f]{64})(?=&|$)/i;

/**
 * Validates a request: method, address, size, body hash, signature.
 *
 * Twilio signs the URL, which contains the SHA-256 of the body (Twilio docs, "usage/security": JSON bodies). A
 * signature without a look at the hash would let anyone who has seen one request send another body with it. The
 * hash is that of the text that is parsed.
 *
 * @param slug The function's name; `<slug>-candidate` is the same function while a deploy checks it.
 * @param secrets What may sign: the account's auth tokens, and the shared keys of webhook rules.
 */
export async function admitStream(
  request: Request,
  settings: Settings,
  slug: string,
  secrets: SigningSecrets,
): Promise<StreamRequest | StreamRefusal> {
  if (request.method !== "POST") return { refused: "method" };
  const { path, query } = target(request.url);
  const name = path.slice(1);
  if (name !== slug && name !== `${slug}-candidate`) return { refused: "path" };
  const signature = request.headers.get("x-twilio-signature");
  if (signature === null) return { refused: "unsigned" };
  // Nobody could confirm whether webhook rules apply to Event Streams, and keys come and go.
  const settingsHeader = request.headers.get("x-twilio-webhooks-signature-settings");
  const signing = chooseSigning(settingsHeader, secrets, settings.signature === "key-only");
  if (typeof signing === "string") return { refused: signing, unsure: true };
  const body = await readBody(request);
  if (body === null) return { refused: "too large" };

  const hash = await sha256(body);
  const claimed = HASH.exec(query)?.[1];
  if (claimed !== undefined && claimed.toLowerCase() !== hash) return { refused: "body hash" };
  const url = `${settings.functionsUrl}/${name}${query}`;
  // Without the hash in the URL only a signature over the actual one is accepted.
  const signedUrl = claimed === undefined ? `${url}${query === "" ? "?" : "&"}bodySHA256=${hash}` : url;
  const texts = signedTexts(signedUrl, []);
  if (!await isSigned(signature, texts, signing.secrets, signing.hash)) return { refused: "signature" };
  return { events: parseEvents(body) };
}

async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The events of a body; null if it is not an array of objects. */
function parseEvents(body: string): StreamEvent[] | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body, storable);
  } catch {
    return null;
  }
  return Array.isArray(parsed) && parsed.every(isObject) ? parsed : null;
}

function isObject(value: unknown): value is StreamEvent {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Postgres can store neither a NUL nor half of a surrogate pair: each becomes U+FFFD. */
function storable(_name: string, value: unknown): unknown {
  if (typeof value === "string") return toStorable(value);
  if (!isObject(value)) return value;
  const names = Object.keys(value);
  if (names.every((name) => toStorable(name) === name)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [toStorable(name), item]));
}

function toStorable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}
