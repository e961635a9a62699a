/** Which server this is, and what it can do. */

import { computed, signal } from "@preact/signals";
import { get } from "../api.js";

/** @typedef {import("../types.js").About} About */

export const about = signal(/** @type {About} */ ({ name: "", read_only: true }));

export const readOnly = computed(() => about.value.read_only);

export async function loadAbout() {
  about.value = await get("about");
  document.title = `${about.value.name} - Voicehooks`;
}
