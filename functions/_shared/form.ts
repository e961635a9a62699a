// Form bodies and query strings, as Twilio sends them.

/** Twilio's requests have a few kilobytes, and no documented limit. A larger request is not from Twilio. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Far more than Twilio sends. Sorting half a million names to check a forged signature would take a second. */
const MAX_PAIRS = 10_000;

/** Whether a form has too many parameters to be Twilio's. Decodes nothing. */
export function hasTooMany(text: string): boolean {
  return text.split("&", MAX_PAIRS + 1).length > MAX_PAIRS;
}

/** The pairs in their original order; names may repeat. */
export type Pairs = [name: string, value: string][];

/** A request's parameters by name; a repeated parameter has a list. */
export type Params = Record<string, string | string[]>;

/** Decodes `application/x-www-form-urlencoded` text. */
export function parseForm(text: string): Pairs {
  return [...new URLSearchParams(text)];
}

/** Whether a name or a value holds a NUL, which Postgres cannot store: `toParams` replaces it by U+FFFD. */
export function hasNul(pairs: Pairs): boolean {
  return pairs.some(([name, value]) => name.includes("\0") || value.includes("\0"));
}

/** Groups pairs by name, without loss except for NUL (see `hasNul`). */
export function toParams(rawPairs: Pairs): Params {
  const pairs = hasNul(rawPairs)
    ? rawPairs.map(([name, value]) => [name.replaceAll("\0", "\ufffd"), value.replaceAll("\0", "\ufffd")])
    : rawPairs;
  const params: Params = Object.create(null);
  for (const [name, value] of pairs as Pairs) {
    const known = params[name];
    if (known === undefined) params[name] = value;
    else if (typeof known === "string") params[name] = [known, value];
    else known.push(value);
  }
  return params;
}

/** The value of a parameter that Twilio sends once; "" if absent or (against the rules) repeated. */
export function valueOf(params: Params, name: string): string {
  const value = params[name];
  return typeof value === "string" ? value : "";
}

/** Reads a body of at most `limit` bytes; null if it is longer, whatever Content-Length said. */
export async function readBody(request: Request, limit = MAX_BODY_BYTES): Promise<string | null> {
  const declared = request.headers.get("content-length");
  if (declared !== null && /^\d+$/.test(declared)) {
    if (Number(declared) > limit) return null;
    return await request.text(); // the server never passes on more than was declared
  }
  if (request.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > limit) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
