/** The faults in force, of Twilio's side and of the project's. */

import { signal } from "@preact/signals";
import { getOptional } from "../api.js";

/** @typedef {import("../types.js").Fault} Fault */

export const faults = signal(/** @type {Fault[]} */ ([]));

export async function loadFaults() {
  faults.value = (await getOptional("faults"))?.faults ?? [];
}
