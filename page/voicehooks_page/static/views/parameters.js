/** Names and values as they were sent; empty ones are left out until asked for. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";

/** @param {{ params: Record<string, string> }} props */
export function Parameters({ params }) {
  const [all, setAll] = useState(false);
  const entries = Object.entries(params);
  const empty = entries.filter(([, value]) => value === "").length;
  return html`
    <dl class="parameters">
      ${entries.filter(([, value]) => all || value !== "").map(([name, value]) =>
        html`
          <div key=${name}>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>
        `
      )}
    </dl>
    ${empty > 0 && html`
      <button type="button" class="link" onClick=${() => setAll(!all)}>
        ${all ? "Hide" : "Show"} ${empty} without a value
      </button>
    `}
  `;
}
