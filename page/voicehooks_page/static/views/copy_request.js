/** A webhook request as a command line, and as a test. */

import { html } from "htm/preact";
import { quoted } from "../api.js";
import { CopyButton } from "../parts/copy_button.js";
import { reported } from "../stores/requests.js";

/** @typedef {import("../types.js").WebhookRequest} WebhookRequest */

/** @param {{ request: WebhookRequest }} props */
export function CopyRequest({ request }) {
  return html`
    <${CopyButton} text=${() => curlOf(request)}>Copy as curl<//>
    <${CopyButton} text=${() => pytestOf(request)}>Copy as pytest<//>
  `;
}

/** @param {WebhookRequest} request */
export function curlOf({ method, url, params, headers }) {
  const signature = headers?.["x-twilio-signature"];
  const lines = [
    `curl -i -X ${method} ${quoted(url.split("#", 1)[0])}`,
    ...(signature ? [`-H ${quoted(`X-Twilio-Signature: ${signature}`)}`] : []),
    ...(method === "POST"
      ? Object.entries(params).map(([name, value]) => `--data-urlencode ${quoted(`${name}=${value}`)}`)
      : []),
  ];
  return lines.join(" \\\n  ");
}

/**
 * A test that sends the request to a function, signed with the token of the environment.
 *
 * @param {WebhookRequest} request
 */
export function pytestOf(request) {
  const { method, url, params, kind, status } = request;
  const name = [kind, reported(request).status].join("_").replace(/\W+/g, "_");
  const pairs = Object.entries(params).map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  return `import os

import httpx
from twilio.request_validator import RequestValidator

URL = ${JSON.stringify(url.split("#", 1)[0])}
PARAMS = {
${pairs.join("\n")}
}


def test_${name}():
    form = ${method === "POST" ? "PARAMS" : "{}"}
    signature = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"]).compute_signature(URL, form)
    answer = httpx.request("${method}", URL, data=form, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == ${status ?? 204}
`;
}
