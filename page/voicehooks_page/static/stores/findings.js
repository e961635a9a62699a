/** What `voicehooks doctor` found in a live environment. */

import { signal } from "@preact/signals";
import { getOptional } from "../api.js";

/** @typedef {import("../types.js").Finding} Finding */

export const findings = signal(/** @type {Finding[]} */ ([]));

export async function loadFindings() {
  findings.value = (await getOptional("findings"))?.findings ?? [];
}
