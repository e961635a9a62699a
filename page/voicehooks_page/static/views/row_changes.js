/** Rows before and after a request. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { formatValue } from "../format.js";

/** @typedef {import("../types.js").RowChange} RowChange */

const CALLS = "twilio_calls";
const WORDS = { INSERT: "inserted into", UPDATE: "changed in", DELETE: "deleted from" };

/** @param {{ changes: RowChange[] }} props */
export function RowChanges({ changes }) {
  if (changes.length === 0) return html`<p class="quiet">This request changed no row.</p>`;
  // What a CRM shows comes first.
  const sorted = changes.toSorted((left, right) => Number(right.table === CALLS) - Number(left.table === CALLS));
  return sorted.map((change, index) => html`<${Change} key=${index} change=${change} />`);
}

/** @param {{ change: RowChange }} props */
function Change({ change }) {
  const [all, setAll] = useState(false);
  const before = change.old_record ?? {};
  const after = change.record ?? {};
  const columns = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const differs = (/** @type {string} */ column) => formatValue(before[column]) !== formatValue(after[column]);
  const shown = columns.filter((column) => all || differs(column));
  return html`
    <table class="changes">
      <caption>A row ${WORDS[change.type]} <code>${change.table}</code></caption>
      <thead>
        <tr>
          <th scope="col">Column</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        ${shown.map((column) =>
          html`
            <tr key=${column} class=${differs(column) ? "changed" : ""}>
              <th scope="row">${column}</th>
              <td>
                <div>${change.old_record && formatValue(before[column])}</div>
              </td>
              <td>
                <div>${change.record && formatValue(after[column])}</div>
              </td>
            </tr>
          `
        )}
      </tbody>
    </table>
    ${shown.length < columns.length || all
      ? html`<button type="button" class="link" onClick=${() => setAll(!all)}>${
        all ? "Only what changed" : `All ${columns.length} columns`
      }</button>`
      : ""}
  `;
}
