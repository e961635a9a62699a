/** The rows that each request of the selected call changed. */

import { effect, signal } from "@preact/signals";
import { getOptional } from "../api.js";
import { requests } from "./story.js";

/** @typedef {import("../types.js").RowChange} RowChange */

export const changes = signal(/** @type {Map<number, RowChange[]>} */ (new Map()));
/** Whether this server knows them. */
export const changesKnown = signal(true);

const asked = new Set();

effect(() => {
  const present = requests.value.map((request) => request.id);
  if (!present.some((id) => asked.has(id))) asked.clear();
  for (const id of present) if (!asked.has(id)) read(id);
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
