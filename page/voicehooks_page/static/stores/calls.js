/** All calls, newest first, and the legs that are live. */

import { computed, signal } from "@preact/signals";
import { place } from "../address.js";
import { get } from "../api.js";
import { afterEvents, listen } from "./stream.js";

/** @typedef {import("../types.js").Call} Call */

const PAGE = 500;
const KEPT_LEGS = 2000;
const FINAL = new Set(["completed", "busy", "failed", "no-answer", "canceled"]);

/** @type {Map<string, Call>} by SID, oldest first */
const bySid = new Map();
/** @type {Map<string, Call>} */
const legs = new Map();
let callsChanged = false;
let legsChanged = false;
let complete = false;
let loading = false;

export const calls = signal(/** @type {Call[]} */ ([]));
/** Calls and legs that are not over. */
export const liveLegs = signal(/** @type {Call[]} */ ([]));
export const callsLoaded = signal(false);

export const shownCalls = computed(() => {
  const { text, status } = place.value;
  if (!text && !status) return calls.value;
  const wanted = text.replace(/[\s()-]/g, "").toLowerCase();
  return calls.value.filter((call) =>
    (!status || call.status === status) &&
    (!wanted ||
      `${call.from} ${call.to} ${call.sid} ${call.status} ${call.problem ?? ""}`.toLowerCase().includes(wanted))
  );
});

/** @param {Call} call */
export function isOver(call) {
  return FINAL.has(call.status);
}

/** @param {string} sid of a call or leg */
export function rootOf(sid) {
  return legs.get(sid)?.parent_call_sid ?? sid;
}

/** Read the newest calls; forgets those that the server no longer has. */
export async function loadCalls() {
  const { calls: newest } = await get(`calls?limit=${PAGE}`);
  bySid.clear();
  legs.clear();
  for (const call of newest.toReversed()) remember(call);
  complete = newest.length < PAGE;
  callsChanged = legsChanged = true;
  publish();
  callsLoaded.value = true;
}

/** Read the page of calls before the oldest one that is here, if there is one. */
export async function loadEarlierCalls() {
  const oldest = calls.value.at(-1);
  if (complete || loading || !oldest) return;
  loading = true;
  try {
    const { calls: earlier } = await get(`calls?limit=${PAGE}&before=${oldest.sid}`);
    complete = earlier.length < PAGE;
    const present = [...bySid];
    bySid.clear();
    for (const call of earlier.toReversed()) remember(call);
    for (const [sid, call] of present) bySid.set(sid, call);
    callsChanged = true;
    publish();
  } finally {
    loading = false;
  }
}

/** @param {Call} call */
function remember(call) {
  if (!call.parent_call_sid) {
    bySid.set(call.sid, { ...bySid.get(call.sid), ...call });
    callsChanged = true;
  }
  if (call.parent_call_sid || !isOver(call) || legs.has(call.sid)) {
    legs.set(call.sid, call);
    legsChanged = true;
  }
}

function publish() {
  if (callsChanged) calls.value = [...bySid.values()].reverse();
  if (legsChanged) {
    forgetOldLegs();
    liveLegs.value = [...legs.values()].filter((leg) => !isOver(leg));
  }
  callsChanged = legsChanged = false;
}

/** Keep the legs of recent calls only, by which an event is assigned to its call. */
function forgetOldLegs() {
  for (const [sid, leg] of legs) {
    if (legs.size <= KEPT_LEGS) return;
    if (isOver(leg)) legs.delete(sid);
  }
}

/**
 * Take up the legs of a call that was read.
 *
 * @param {Call[]} read
 */
export function rememberLegs(read) {
  read.forEach(remember);
  publish();
}

listen("call", remember);
afterEvents(publish);
