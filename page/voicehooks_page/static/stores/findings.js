/** What `voicehooks doctor` found in a live environment. */

import { signal } from "@preact/signals";
import { getOptional } from "../api.js";

/** @typedef {import("../types.js").Finding} Finding */

/** Null until they are read, which takes seconds. */
export const findings = signal(/** @type {Finding[] | null} */ (null));

export async function loadFindings() {
  findings.value = (await getOptional("findings"))?.findings ?? [];
}
