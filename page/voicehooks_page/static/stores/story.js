/** The selected call: its legs, steps, recordings and webhook requests, kept current while it happens. */

import { effect, signal } from "@preact/signals";
import { place } from "../address.js";
import { ApiError, get } from "../api.js";
import { rememberLegs, rootOf } from "./calls.js";
import { afterEvents, listen } from "./stream.js";

/** @typedef {import("../types.js").Story} Story */
/** @typedef {import("../types.js").Step} Step */
/** @typedef {import("../types.js").WebhookRequest} WebhookRequest */

export const story = signal(/** @type {Story | null} */ (null));
export const requests = signal(/** @type {WebhookRequest[]} */ ([]));
export const storyError = signal("");

/** The wait between two reads of a call that is going on, during which events collect. */
const PAUSE_MS = 120;

/** @type {WebhookRequest[]} */
let arrived = [];
/** @type {Step[]} */
let stepped = [];
let outdated = false;
let timer = 0;

/** @param {string} sid */
async function load(sid) {
  try {
    const [read, sent] = await Promise.all([get(`calls/${sid}`), get(`webhook-requests?call_sid=${sid}`)]);
    if (place.value.call !== sid) return;
    story.value = read;
    requests.value = sent.webhook_requests;
    storyError.value = "";
    rememberLegs([read.call, ...read.legs]);
  } catch (error) {
    if (place.value.call !== sid) return;
    story.value = null;
    requests.value = [];
    storyError.value = error instanceof ApiError ? error.message : "The server does not answer.";
  }
}

/** Read the selected call again. */
export async function reloadStory() {
  if (place.value.call) await load(place.value.call);
}

let selected = "";
effect(() => {
  const { call } = place.value;
  if (call === selected) return;
  selected = call;
  story.value = null;
  requests.value = [];
  storyError.value = "";
  if (call) load(call);
});

/** @param {{ call_sid: string, root_call_sid?: string }} event */
const isSelected = (event) => selected !== "" && (event.root_call_sid ?? rootOf(event.call_sid)) === selected;

listen("webhook-request", (request) => {
  if (isSelected(request)) arrived.push(request);
});
listen("step", (step) => {
  if (isSelected(step)) stepped.push(step);
});
listen("call", (call) => {
  if ((call.parent_call_sid ?? call.sid) === selected) outdated = true;
});
afterEvents(() => {
  if (arrived.length > 0) requests.value = merged(requests.value, arrived);
  if (stepped.length > 0 && story.value) {
    story.value = { ...story.value, steps: merged(story.value.steps, stepped) };
    outdated = true;
  }
  arrived = [];
  stepped = [];
  if (outdated && !timer) {
    timer = setTimeout(() => {
      timer = 0;
      reloadStory();
    }, PAUSE_MS);
  }
  outdated = false;
});

/**
 * Both lists by id; an entry that is in both once.
 *
 * @template {{ id: number }} T
 * @param {T[]} present
 * @param {T[]} fresh
 * @returns {T[]}
 */
function merged(present, fresh) {
  const byId = new Map([...present, ...fresh].map((entry) => [entry.id, entry]));
  return [...byId.values()].sort((left, right) => left.id - right.id);
}
