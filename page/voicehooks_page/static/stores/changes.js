/** The rows that each request of the selected call changed. */

import { effect, signal } from "@preact/signals";
import { getOptional } from "../api.js";
import { requests } from "./story.js";

/** @typedef {import("../types.js").RowChange} RowChange */

export const changes = signal(/** @type {Map<number, RowChange[]>} */ (new Map()));
/** Whether this server knows them; null until it was asked for the first time. */
export const changesKnown = signal(/** @type {boolean | null} */ (null));

const asked = new Set();

effect(() => {
  const present = requests.value.map((request) => request.id);
  if (!present.some((id) => asked.has(id))) asked.clear();
  if (changesKnown.value === false) return;
  const missing = present.filter((id) => !asked.has(id));
  for (const id of changesKnown.value === null ? missing.slice(0, 1) : missing) read(id);
});

/** @param {number} id */
async function read(id) {
  asked.add(id);
  try {
    const answer = await getOptional(`webhook-requests/${id}/rows`);
    changesKnown.value = answer !== null;
    if (answer) changes.value = new Map(changes.peek()).set(id, answer.changes);
  } catch {
    asked.delete(id); // read again with the next event
  }
}
