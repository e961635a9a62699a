/** The filter of a list; it is part of the address. */

import { html } from "htm/preact";
import { go, place } from "../address.js";
import { formatStatus } from "../format.js";

/**
 * @param {object} props
 * @param {string} props.label
 * @param {string[]} props.statuses
 */
export function Filter({ label, statuses }) {
  const { text, status } = place.value;
  return html`
    <div class="filter" role="search">
      <input
        type="search"
        id="filter"
        aria-label="Filter: ${label}"
        placeholder=${label}
        value=${text}
        onInput=${(/** @type {any} */ event) => go({ text: event.target.value }, { replace: true })}
      />
      <select
        aria-label="Status"
        value=${status}
        onChange=${(/** @type {any} */ event) => go({ status: event.target.value }, { replace: true })}
      >
        <option value="">Any status</option>
        ${statuses.map((name) => html`<option key=${name} value=${name}>${formatStatus(name)}</option>`)}
      </select>
    </div>
  `;
}
