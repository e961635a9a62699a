// X-Twilio-Signature: base64(HMAC(secret, URL + sorted parameters)). Rules: Twilio docs, "usage/security".
// The secret is the auth token with HMAC-SHA1, or a shared key with HMAC-SHA256.

import type { Pairs } from "./form.ts";

const encoder = new TextEncoder();
const keys = new Map<string, Promise<CryptoKey>>();

/**
 * The texts that Twilio may have signed for a request, most likely first.
 *
 * Twilio drops the port of an https URL before it signs and keeps that of an http one; its own libraries accept
 * https with and without the port, so both are allowed here.
 *
 * @param url The public URL with the raw query string, without a fragment.
 * @param pairs The form parameters of a POST; empty for a GET, whose parameters are in the URL.
 */
export function signedTexts(url: string, pairs: Pairs): string[] {
  const suffix = joinSorted(pairs);
  return portVariants(url).map((variant) => variant + suffix);
}

/** Names and values without separators: names in byte order, the values of a repeated name once each, sorted. */
function joinSorted(pairs: Pairs): string {
  const sorted = [...pairs].sort((a, b) => compareBytes(a[0], b[0]) || compareBytes(a[1], b[1]));
  let text = "";
  let previous: [string, string] | undefined;
  for (const [name, value] of sorted) {
    if (previous === undefined || previous[0] !== name || previous[1] !== value) text += name + value;
    previous = [name, value];
  }
  return text;
}

/** Orders texts by their UTF-8 bytes; JavaScript's own order differs beyond U+FFFF. */
function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      const xIsPair = x >= 0xd800 && x <= 0xdfff;
      const yIsPair = y >= 0xd800 && y <= 0xdfff;
      return xIsPair === yIsPair ? x - y : xIsPair ? 1 : -1;
    }
  }
  return a.length - b.length;
}

function portVariants(url: string): string[] {
  const parts = /^https:\/\/([^/?#]*?)(:\d+)?([/?].*)?$/s.exec(url);
  if (parts === null) return [url];
  const [, host, port, rest = ""] = parts;
  return [`https://${host}${rest}`, `https://${host}${port ?? ":443"}${rest}`];
}

/** The base64 of an HMAC of 20 or 32 bytes in the form that Twilio writes: padded, without stray bits. */
const SIGNATURES = {
  "SHA-1": /^[A-Za-z0-9+/]{26}[AEIMQUYcgkosw048]=$/,
  "SHA-256": /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/,
};

/**
 * Whether `signature` is that of one of the texts under one of the secrets.
 *
 * The platform compares in constant time. The number of comparisons reveals only which text and secret match.
 *
 * @param secrets The auth tokens, or the secret of a shared key; empty ones are ignored.
 * @param hash The hash of the HMAC.
 */
export async function isSigned(
  signature: string,
  texts: string[],
  secrets: string[],
  hash: "SHA-1" | "SHA-256" = "SHA-1",
): Promise<boolean> {
  if (!SIGNATURES[hash].test(signature)) return false;
  const claimed = Uint8Array.from(atob(signature), (character) => character.charCodeAt(0));
  for (const secret of secrets) {
    if (secret === "") continue;
    const key = await keyOf(secret, hash);
    for (const text of texts) {
      if (await crypto.subtle.verify("HMAC", key, claimed, encoder.encode(text))) return true;
    }
  }
  return false;
}

function keyOf(secret: string, hash: string): Promise<CryptoKey> {
  const name = `${hash} ${secret}`;
  let key = keys.get(name);
  if (key === undefined) {
    const algorithm = { name: "HMAC", hash };
    key = crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["verify"]);
    keys.set(name, key);
  }
  return key;
}
