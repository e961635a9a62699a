// Form bodies and query strings as Twilio sends them.

/** Twilio's requests have a few kilobytes; whatever is larger is not one of them. */
export const MAX_BODY_BYTES = 64 * 1024;

/** The pairs in the order they came; names may repeat. */
export type Pairs = [name: string, value: string][];

/** A request's parameters by name; a repeated one has a list. */
export type Params = Record<string, string | string[]>;

/** Decodes `application/x-www-form-urlencoded` text. */
export function parseForm(text: string): Pairs {
  return [...new URLSearchParams(text)];
}

/** Groups pairs by name, without loss. */
export function toParams(pairs: Pairs): Params {
  const params: Params = Object.create(null);
  for (const [name, value] of pairs) {
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
  if (declared !== null) {
    if (Number(declared) > limit) return null;
    const text = await request.text(); // the server never hands over more than was declared
    return text;
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
