/** How fast the sandbox's time runs. A live environment has real time. */

import { signal } from "@preact/signals";
import { getOptional } from "../api.js";

export const clock = signal(/** @type {{ factor: number | "max", now?: number }} */ ({ factor: 1 }));

export async function loadClock() {
  clock.value = await getOptional("clock") ?? { factor: 1 };
}
