/** The webhook requests of all calls, newest first, for the list of requests. */

import { computed, signal } from "@preact/signals";
import { place } from "../address.js";
import { get } from "../api.js";
import { afterEvents, listen } from "./stream.js";

/** @typedef {import("../types.js").WebhookRequest} WebhookRequest */

const KEPT = 20_000;
const FIRST = 2_000;

/** @type {WebhookRequest[]} */
let arrived = [];
let loaded = false;

export const allRequests = signal(/** @type {WebhookRequest[]} */ ([]));

export const shownRequests = computed(() => {
  const { text, status } = place.value;
  if (!text && !status) return allRequests.value;
  const wanted = text.toLowerCase();
  return allRequests.value.filter((request) =>
    (!status || resultOf(request) === status) && (!wanted || JSON.stringify(request).toLowerCase().includes(wanted))
  );
});

/**
 * How a request went: `accepted`, `refused` (4xx), `failed` (5xx, or no answer).
 *
 * @param {WebhookRequest} request
 */
export function resultOf({ status }) {
  if (status === undefined) return "accepted"; // a live environment has only those that the function stored
  if (status === null || status >= 500) return "failed";
  return status >= 400 ? "refused" : "accepted";
}

/**
 * The status that a request reports, and the number that orders it.
 *
 * @param {WebhookRequest} request
 */
export function reported({ params }) {
  return {
    status: params.RecordingStatus ?? params.DialCallStatus ?? params.CallStatus ?? "",
    sequence: params.SequenceNumber ?? "",
  };
}

/** Read the newest requests; called when the list is first shown, and after a reconnect. */
export async function loadRequests() {
  const { webhook_requests: newest } = await get(`webhook-requests?limit=${FIRST}`);
  allRequests.value = newest.toReversed();
  loaded = true;
}

listen("webhook-request", (request) => arrived.push(request));
afterEvents(() => {
  if (loaded && arrived.length > 0) {
    allRequests.value = [...arrived.toReversed(), ...allRequests.value].slice(0, KEPT);
  }
  arrived = [];
});
