/** The right column: the selected webhook request in detail. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { go } from "../address.js";
import { Tabs } from "../parts/tabs.js";
import { readOnly } from "../stores/about.js";
import { changes, changesKnown } from "../stores/changes.js";
import { reported } from "../stores/requests.js";
import { selectedRequest } from "../stores/selection.js";
import { requests } from "../stores/story.js";
import { Answer } from "./answer.js";
import { Body } from "./body.js";
import { CopyRequest } from "./copy_request.js";
import { Parameters } from "./parameters.js";
import { Resend } from "./resend.js";
import { RowChanges } from "./row_changes.js";
import { SignatureView } from "./signature_view.js";

/** @typedef {import("../types.js").WebhookRequest} WebhookRequest */

export function RequestView() {
  const [tab, setTab] = useState("parameters");
  const request = selectedRequest.value;
  if (!request) {
    return html`
      <h2 class="visually-hidden">Request</h2>
      <p class="empty quiet">Select a request to see what Twilio sent, how it was signed and what it changed.</p>
    `;
  }
  const tabs = {
    parameters: "Parameters",
    ...(request.headers ? { signature: "Signature" } : {}),
    ...(changesKnown.value ? { rows: "Rows" } : {}),
    ...(request.response_headers ? { answer: "Answer" } : {}),
    ...(request.headers ? { headers: "Headers" } : {}),
  };
  const selected = tab in tabs ? tab : "parameters";
  return html`
    <div class="request-head">
      <h2>Request: ${request.kind} ${reported(request).status}</h2>
      <button type="button" class="link" onClick=${() => go({ request: "", pane: "main" })}>Close</button>
    </div>
    <p class="url code">${request.method} ${request.url}</p>
    <p class="request-summary">
      <${Answer} request=${request} />
      ${request.attempt && html`<span>attempt ${request.attempt}</span>`}
      <span class="quiet">${new Date(request.time * 1000).toLocaleTimeString("en-GB", TO_THE_MILLISECOND)}</span>
    </p>
    ${request.error && html`<p class="problem">${request.error_code}: ${request.error}</p>`}
    <${Attempts} request=${request} />
    <div class="request-actions">
      ${!readOnly.value && html`<${Resend} key=${request.id} request=${request} />`}
      <${CopyRequest} request=${request} />
    </div>
    <${Tabs} label="Parts of the request" tabs=${tabs} selected=${selected} onSelect=${setTab}
      panel="request-panel" />
    <div id="request-panel" role="tabpanel" aria-labelledby="request-panel-${selected}" tabindex="0">
      ${selected === "parameters" && html`<${Parameters} params=${request.params} />`}
      ${selected === "signature" && html`<${SignatureView} key=${request.id} request=${request} />`}
      ${selected === "rows" && html`<${RowChanges} changes=${changes.value.get(request.id) ?? []} />`}
      ${selected === "answer" && html`<${Body} headers=${request.response_headers ?? {}} body=${request.body ?? ""} />`}
      ${selected === "headers" && html`<${Parameters} params=${request.headers ?? {}} />`}
    </div>
  `;
}

/** @type {Intl.DateTimeFormatOptions} */
const TO_THE_MILLISECOND = { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 };

/** What Twilio repeats, by the URL's fragment. Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides */
const POLICIES = /** @type {Record<string, string>} */ ({
  ct: "the connection fails",
  rt: "no answer arrives in time",
  "4xx": "the answer is 4xx",
  "5xx": "the answer is 5xx",
  all: "anything fails",
});

/** Why a request was sent again, and when Twilio would. @param {{ request: WebhookRequest }} props */
function Attempts({ request }) {
  const { webhook_url: url, attempt = 1 } = request;
  if (url === undefined) return null; // a live environment does not know it
  const token = request.headers?.["i-twilio-idempotency-token"];
  const previous = requests.value.find((other) =>
    other.headers?.["i-twilio-idempotency-token"] === token && other.attempt === attempt - 1
  );
  const overrides = new URLSearchParams(url.split("#")[1] ?? "");
  const retries = Number(overrides.get("rc") ?? 1);
  const causes = (overrides.get("rp") ?? "ct").split(",").map((policy) => POLICIES[policy] ?? policy);
  return html`
    ${attempt > 1 && previous && html`
      <p class="warn-text">
        Sent again, because attempt ${attempt - 1} ${previous.status === null
          ? "had no answer"
          : `was answered with ${previous.status}`}.
      </p>
    `}
    <p class="quiet">
      ${retries === 0
        ? "Twilio does not try again."
        : `Twilio tries again ${retries === 1 ? "once" : `up to ${retries} times`} if ${causes.join(" or ")}.`}
    </p>
  `;
}
