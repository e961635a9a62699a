/** How a webhook request was answered, in one word. */

import { html } from "htm/preact";
import { Icon } from "../parts/icon.js";
import { resultOf } from "../stores/requests.js";

const ICONS = { accepted: "check", refused: "warning", failed: "cross" };

/** @param {{ request: import("../types.js").WebhookRequest }} props */
export function Answer({ request }) {
  const result = resultOf(request);
  const text = request.status === null
    ? `no answer${request.error_code ? ` (${request.error_code})` : ""}`
    : request.status ?? "stored";
  return html`
    <span class="answer answer-${result}">
      <${Icon} name=${ICONS[result]} label=${result} /> ${text}
      ${request.duration_ms !== undefined && html`
        <span class="quiet">${request.duration_ms} ms</span>
      `}
    </span>
  `;
}
