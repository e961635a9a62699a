/** The tables as a CRM sees them; rows change live. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { go, place } from "../address.js";
import { get, getOptional } from "../api.js";
import { formatValue } from "../format.js";
import { listen } from "../stores/stream.js";

/** @typedef {import("../types.js").Row} Row */
/** @typedef {import("../types.js").RowChange} RowChange */
/** @typedef {{ columns: string[], rows: Row[] }} Table */

const SHOWN = 200;

export function TablesView() {
  const [tables, setTables] = useState(/** @type {string[] | null} */ (null));
  useEffect(() => {
    getOptional("tables").then((answer) => setTables(answer?.tables ?? []));
  }, []);
  if (tables === null) return null;
  if (tables.length === 0) return html`<p class="empty quiet">There are no tables yet: deploy a stack first.</p>`;
  const shown = place.value.table || tables[0];
  return html`
    <div class="filter">
      <label>Table
        <select value=${shown} onChange=${(/** @type {any} */ event) => go({ table: event.target.value })}>
          ${tables.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
        </select>
      </label>
      <span class="quiet">The newest ${SHOWN} rows, live</span>
    </div>
    <${Rows} key=${shown} name=${shown} />
  `;
}

/** @param {{ name: string }} props */
function Rows({ name }) {
  const [table, setTable] = useState(/** @type {Table | null} */ (null));
  const [changed, setChanged] = useState(/** @type {unknown} */ (null));
  useEffect(() => {
    get(`tables/${name}?limit=${SHOWN}`).then(setTable);
    return listen("row", (/** @type {RowChange} */ change) => {
      if (change.table !== name) return;
      setTable((present) => present && { ...present, rows: applied(present.rows, change) });
      setChanged(keyOf(change.record ?? {}));
    });
  }, []);
  if (!table) return null;
  return html`
    <div class="table-scroller" tabindex="0" role="region" aria-label=${name}>
      <table class="rows">
        <thead>
          <tr>${table.columns.map((column) => html`<th scope="col" key=${column}>${column}</th>`)}</tr>
        </thead>
        <tbody>
          ${table.rows.map((row) =>
            html`
              <tr key=${keyOf(row)} class=${keyOf(row) === changed ? "changed" : ""}>
                ${table.columns.map((column) =>
                  html`<td key=${column} class=${row[column] === null ? "quiet" : ""}>${formatValue(row[column])}</td>`
                )}
              </tr>
            `
          )}
        </tbody>
      </table>
    </div>
  `;
}

/** @param {Row} row */
function keyOf(row) {
  return row.id ?? row.recording_sid ?? row.call_sid ?? JSON.stringify(row);
}

/** @param {Row[]} rows @param {RowChange} change */
function applied(rows, { type, record, old_record: old }) {
  const key = keyOf(record ?? old ?? {});
  if (type === "DELETE") return rows.filter((row) => keyOf(row) !== key);
  const known = rows.some((row) => keyOf(row) === key);
  if (known) return rows.map((row) => (keyOf(row) === key ? { ...row, ...record } : row));
  return [/** @type {Row} */ (record), ...rows].slice(0, SHOWN);
}
