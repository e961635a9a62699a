/**
 * How Twilio signs a webhook request: the base64 of an HMAC-SHA1 over the URL followed by each POST parameter, name
 * and value without a separator, sorted by name; the key is the account's auth token.
 *
 * Source: https://www.twilio.com/docs/usage/security#validating-requests
 */

/** @typedef {import("./types.js").WebhookRequest} WebhookRequest */

/**
 * The URL as it is signed: without fragment and credentials, https without a port.
 *
 * @param {string} url
 */
export function signedUrl(url) {
  const withoutFragment = url.split("#", 1)[0].replace(/^(https?:\/\/)[^/?@]*@/, "$1");
  return withoutFragment.replace(/^(https:\/\/[^/?:]+):\d+/, "$1");
}

/**
 * The parameters in the order in which they are signed; none for GET, whose parameters are in the URL.
 *
 * @param {Pick<WebhookRequest, "method" | "params">} request
 * @returns {[string, string][]}
 */
export function signedParameters({ method, params }) {
  if (method !== "POST") return [];
  return Object.entries(params).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
}

/**
 * The value of the header X-Twilio-Signature.
 *
 * @param {string} authToken
 * @param {Pick<WebhookRequest, "method" | "params" | "url">} request
 */
export async function sign(authToken, request) {
  const text = signedUrl(request.url) + signedParameters(request).map(([name, value]) => name + value).join("");
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(authToken), algorithm, false, ["sign"]);
  const digest = await crypto.subtle.sign("HMAC", key, encoder.encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
