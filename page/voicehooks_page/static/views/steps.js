/** What happened in a call, in Twilio's and the people's words. */

import { html } from "htm/preact";

/** @param {{ steps: import("../types.js").Step[] }} props */
export function Steps({ steps }) {
  return html`
    <ol class="steps">
      ${steps.map((step) =>
        html`
          <li key=${step.id} class="step step-${step.kind}">
            <span class="step-time">${step.offset.toFixed(1)} s</span>
            <span class="step-kind">${step.kind}</span>
            <span class=${step.kind === "twiml" ? "code" : ""}>${step.text}</span>
          </li>
        `
      )}
    </ol>
  `;
}
