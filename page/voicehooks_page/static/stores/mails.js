/** The mails that Auth would have sent, oldest first. */

import { signal } from "@preact/signals";
import { getOptional } from "../api.js";

/** @typedef {import("../types.js").Mail} Mail */

export const mails = signal(/** @type {Mail[]} */ ([]));

export async function loadMails() {
  mails.value = (await getOptional("supabase/mail"))?.mail ?? [];
}
