/** The right column: the selected webhook request in detail. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { go } from "../address.js";
import { Tabs } from "../parts/tabs.js";
import { readOnly } from "../stores/about.js";
import { changes, changesKnown } from "../stores/changes.js";
import { selectedRequest } from "../stores/selection.js";
import { Answer } from "./answer.js";
import { Body } from "./body.js";
import { CopyRequest } from "./copy_request.js";
import { Parameters } from "./parameters.js";
import { Resend } from "./resend.js";
import { RowChanges } from "./row_changes.js";
import { SignatureView } from "./signature_view.js";

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
    signature: "Signature",
    ...(changesKnown.value ? { rows: "Rows" } : {}),
    answer: "Answer",
    headers: "Headers",
  };
  const selected = tab in tabs ? tab : "parameters";
  return html`
    <div class="request-head">
      <h2>Request ${request.id}, ${request.kind}</h2>
      <button type="button" class="link" onClick=${() => go({ request: "", pane: "main" })}>Close</button>
    </div>
    <p class="url code">${request.method} ${request.url}</p>
    <p class="request-summary">
      <${Answer} request=${request} />
      <span>attempt ${request.attempt ?? 1}</span>
      <span class="quiet">${new Date(request.time * 1000).toLocaleTimeString("en-GB", TO_THE_MILLISECOND)}</span>
    </p>
    ${request.error && html`<p class="problem">${request.error_code}: ${request.error}</p>`}
    <p class="quiet">${retriesOf(request.webhook_url ?? request.url)}</p>
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

/** @param {string} url */
function retriesOf(url) {
  const overrides = new URLSearchParams(url.split("#")[1] ?? "");
  const retries = Number(overrides.get("rc") ?? 1);
  const causes = (overrides.get("rp") ?? "ct").split(",").map((policy) => POLICIES[policy] ?? policy);
  return `Twilio tries again up to ${retries === 1 ? "once" : `${retries} times`} if ${causes.join(" or ")}.`;
}
