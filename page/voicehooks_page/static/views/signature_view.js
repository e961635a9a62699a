/** A request's signature step by step: what is signed, with which key, and whether it matches what was sent. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "../parts/icon.js";
import { sign, signedParameters, signedUrl } from "../signature.js";
import { authToken } from "../stores/account.js";

/** @param {{ request: import("../types.js").WebhookRequest }} props */
export function SignatureView({ request }) {
  const [expected, setExpected] = useState("");
  const token = authToken.value;
  useEffect(() => {
    if (token) sign(token, request).then(setExpected);
  }, [request, token]);
  if (!request.headers) return html`<p class="quiet">The headers of this request were not stored.</p>`;
  const sent = request.headers["x-twilio-signature"] ?? "";
  return html`
    <ol class="signature">
      <li>
        <h3>The URL, without its fragment</h3>
        <p class="code">${signedUrl(request.url)}</p>
      </li>
      <li>
        <h3>Each parameter, sorted by name: name and value without a separator</h3>
        <${SignedText} request=${request} />
      </li>
      <li>
        <h3>The key: the account's auth token</h3>
        <p class="code">${token || "unknown here"}</p>
      </li>
      <li>
        <h3>HMAC-SHA1 of both texts, in base64</h3>
        <p class="code" data-testid="expected">${expected}</p>
      </li>
      <li>
        <h3>The header X-Twilio-Signature of this request</h3>
        <p class="code">${sent || "none"}</p>
      </li>
    </ol>
    ${expected && html`<${Verdict} sent=${sent} expected=${expected} />`}
  `;
}

/** @param {{ request: Pick<import("../types.js").WebhookRequest, "method" | "params"> }} props */
export function SignedText({ request }) {
  return html`
    <p class="code signed-text">
      ${signedParameters(request).map(([name, value]) => html`<span key=${name}><b>${name}</b>${value}</span>`)}
      ${request.method !== "POST" && "none: the parameters of a GET request are in the URL"}
    </p>
  `;
}

/** @param {{ sent: string, expected: string }} props */
function Verdict({ sent, expected }) {
  if (sent === expected) {
    return html`<p class="verdict good-text"><${Icon} name="check" /> Valid: signed with the auth token. Both are the same.</p>`;
  }
  return html`
    <p class="verdict bad-text">
      <${Icon} name="cross" />
      ${sent
        ? "Not valid: it was made with another key, or over another URL or other parameters."
        : "Not signed: the header is missing."}
    </p>
  `;
}
