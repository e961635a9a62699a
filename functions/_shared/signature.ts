// X-Twilio-Signature: base64(HMAC-SHA1(auth token, URL + sorted parameters)). Rules: Twilio docs, "usage/security".

import type { Pairs } from "./form.ts";

const encoder = new TextEncoder();
const keys = new Map<string, Promise<CryptoKey>>();

/**
 * The texts that Twilio may have signed for a request, most likely first.
 *
 * Twilio drops the port of an https URL before it signs and keeps that of an http one; its own libraries take
 * https with and without, so both are allowed here.
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

/** Orders texts as their UTF-8 bytes would be; JavaScript's own order differs beyond U+FFFF. */
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

/** Signs a text; the base64 that Twilio would put into the header. */
export async function sign(text: string, token: string): Promise<string> {
  let key = keys.get(token);
  if (key === undefined) {
    const algorithm = { name: "HMAC", hash: "SHA-1" };
    key = crypto.subtle.importKey("raw", encoder.encode(token), algorithm, false, ["sign"]);
    keys.set(token, key);
  }
  const digest = await crypto.subtle.sign("HMAC", await key, encoder.encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}

/**
 * Whether `signature` is that of one of the texts under one of the tokens.
 *
 * The time it takes does not depend on the signature: all of them are compared to the end.
 *
 * @param tokens The primary auth token, and during a rotation the secondary one; empty ones are ignored.
 */
export async function isSigned(signature: string, texts: string[], tokens: string[]): Promise<boolean> {
  const expected = await Promise.all(
    tokens.filter((token) => token !== "").flatMap((token) => texts.map((text) => sign(text, token))),
  );
  let found = 0;
  for (const candidate of expected) found |= equalInConstantTime(candidate, signature);
  return found === 1;
}

function equalInConstantTime(expected: string, actual: string): 0 | 1 {
  let difference = expected.length ^ actual.length;
  for (let i = 0; i < expected.length; i++) {
    difference |= expected.charCodeAt(i) ^ actual.charCodeAt(i); // NaN beyond the end counts as 0
  }
  return difference === 0 ? 1 : 0;
}
