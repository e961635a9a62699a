/** The selected request: one of the selected call, or of the list of all requests. */

import { computed } from "@preact/signals";
import { place } from "../address.js";
import { allRequests } from "./requests.js";
import { requests } from "./story.js";

export const selectedRequest = computed(() => {
  const id = Number(place.value.request);
  if (!id) return null;
  const has = (/** @type {{ id: number }} */ request) => request.id === id;
  return requests.value.find(has) ?? allRequests.value.find(has) ?? null;
});
