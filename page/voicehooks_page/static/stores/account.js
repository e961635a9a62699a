/** The emulated account's auth token, with which signatures are explained; a live environment does not give it. */

import { signal } from "@preact/signals";
import { getOptional } from "../api.js";

export const authToken = signal("");

export async function loadAccount() {
  authToken.value = (await getOptional("account"))?.authToken ?? "";
}
