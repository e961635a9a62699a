// What may sign Twilio's requests: the account's auth tokens, and the shared keys of webhook rules.

/** The secrets by which Twilio's signatures are checked. */
export interface SigningSecrets {
  /** The auth tokens: primary, and during a rotation the secondary one. */
  tokens: string[];
  /** The secrets of shared keys by the key's ID. */
  keys: ReadonlyMap<string, string>;
}

/** Each shared key is a secret of its own, `<ID> <secret>`, so that keys come and go one by one. */
const KEY_PREFIX = "VOICEHOOKS_SIGNING_KEY_";

/** Reads the secrets of a function. */
export function signingSecrets(env: { toObject(): Record<string, string> }): SigningSecrets {
  const all = env.toObject();
  const tokens = [all.VOICEHOOKS_AUTH_TOKEN, all.VOICEHOOKS_SECONDARY_AUTH_TOKEN];
  const keys = new Map<string, string>();
  for (const [name, value] of Object.entries(all)) {
    const [id, secret] = value.split(" ");
    if (name.startsWith(KEY_PREFIX) && id && secret) keys.set(id, secret);
  }
  return { tokens: tokens.filter((token) => token !== undefined).filter(Boolean), keys };
}

/** Which secrets a request must be signed with, and how. */
export interface Signing {
  hash: "SHA-1" | "SHA-256";
  secrets: string[];
}

/**
 * Chooses the secrets by the header `X-Twilio-Webhooks-Signature-Settings`: `key=<ID>,algorithm=HMAC_SHA256`.
 *
 * The header itself is not signed. So a request that names a key is checked with that key alone, and without a key
 * only the auth tokens count, if they may sign at all: otherwise an old token would remain a forging key.
 * Source: Twilio docs, "Webhook shared keys"; twilio-python, `request_validator.py`.
 *
 * @param header The header's value, null without one.
 * @param keyOnly Whether requests that the auth token signed are refused.
 * @returns The secrets, or why the request is refused.
 */
export function chooseSigning(
  header: string | null,
  { tokens, keys }: SigningSecrets,
  keyOnly: boolean,
): Signing | string {
  const named = parseHeader(header ?? "");
  if (named === null) return "signature settings";
  const { key, algorithm } = named;
  if (key === undefined) {
    if (algorithm !== undefined && algorithm !== "HMAC_SHA1") return "signature algorithm";
    if (keyOnly) return "signed by the auth token";
    return tokens.length > 0 ? { hash: "SHA-1", secrets: tokens } : "no auth token configured";
  }
  if (algorithm !== "HMAC_SHA256") return "signature algorithm";
  const secret = keys.get(key);
  return secret === undefined ? "unknown signing key" : { hash: "SHA-256", secrets: [secret] };
}

/** The header's parts; null if one of them occurs twice, as with two headers. */
function parseHeader(header: string): { key?: string; algorithm?: string } | null {
  const parts = new Map<string, string>();
  for (const part of header.split(",")) {
    const mark = part.indexOf("=");
    if (mark < 0) continue;
    const name = part.slice(0, mark).trim();
    if (parts.has(name)) return null;
    parts.set(name, part.slice(mark + 1).trim());
  }
  return { key: parts.get("key"), algorithm: parts.get("algorithm") };
}
