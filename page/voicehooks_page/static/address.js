/** What the page shows is in its address: views, selections and filters can be linked and survive a reload. */

import { signal } from "@preact/signals";

/**
 * @typedef {object} Place
 * @property {string} view
 * @property {string} call SID of the selected call, or ""
 * @property {string} request id of the selected request, or ""
 * @property {string} text filter: part of a number, a SID or a request
 * @property {string} status filter: a status, or ""
 * @property {string} table
 * @property {string} pane the column that a narrow window shows
 */

/** @type {Place} */
const START = { view: "calls", call: "", request: "", text: "", status: "", table: "", pane: "main" };

/** @returns {Place} */
function read() {
  const query = new URLSearchParams(location.search);
  const keys = /** @type {(keyof Place)[]} */ (Object.keys(START));
  return /** @type {Place} */ (Object.fromEntries(keys.map((key) => [key, query.get(key) ?? START[key]])));
}

export const place = signal(read());

addEventListener("popstate", () => {
  place.value = read();
});

/**
 * The address of another place.
 *
 * @param {Partial<Place>} changes
 */
export function addressOf(changes) {
  const target = { ...place.value, ...changes };
  const changed = Object.entries(target).filter(([key, value]) => value !== START[/** @type {keyof Place} */ (key)]);
  const query = new URLSearchParams(changed).toString();
  return query ? `?${query}` : location.pathname;
}

/**
 * Go to another place; a filter that is being typed replaces the present one in the history.
 *
 * @param {Partial<Place>} changes
 * @param {{ replace?: boolean }} [options]
 */
export function go(changes, { replace = false } = {}) {
  const address = addressOf(changes);
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  place.value = { ...place.value, ...changes };
}
