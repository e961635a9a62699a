/** The phones on the left: those that call, which this browser remembers, and those that calls ring. */

import { computed, effect, signal } from "@preact/signals";
import { getOptional } from "../api.js";
import { liveLegs } from "./calls.js";
import { listen } from "./stream.js";

/** @typedef {import("../types.js").Call} Call */
/** @typedef {import("../types.js").PhoneNumber} PhoneNumber */
/**
 * @typedef {object} Phone
 * @property {string} number E.164
 * @property {Call | null} leg the call that it is in
 * @property {"idle" | "calling" | "ringing" | "talking"} state
 * @property {number} since milliseconds since 1970
 */

const KEY = "voicehooks.phones";
/** Steps have no more than so many characters of a text. */
const LONGEST_STEP = 60;
const FIRST_CALLER = "+15550100001";

/** @returns {string[]} */
function remembered() {
  try {
    const list = JSON.parse(localStorage.getItem(KEY) ?? "null");
    return Array.isArray(list) && list.length > 0 ? list.filter((entry) => typeof entry === "string") : [FIRST_CALLER];
  } catch {
    return [FIRST_CALLER];
  }
}

export const callers = signal(remembered());
/** The account's numbers, which phones can call. */
export const numbers = signal(/** @type {PhoneNumber[]} */ ([]));
/** What was last said to a leg, by its SID. */
export const spoken = signal(/** @type {Record<string, { verb: string, text: string, gather: boolean }>} */ ({}));

effect(() => localStorage.setItem(KEY, JSON.stringify(callers.value)));

export async function loadNumbers() {
  const answer = await getOptional("numbers");
  numbers.value = answer?.numbers ?? [];
}

/** @type {import("@preact/signals").ReadonlySignal<Phone[]>} */
export const callerPhones = computed(() =>
  callers.value.map((number) => {
    const leg = liveLegs.value.find((call) => isIncoming(call) && call.from === number) ?? null;
    const legs = leg ? [leg, ...liveLegs.value.filter((call) => call.parent_call_sid === leg.sid)] : [];
    // Twilio answers a call to execute its TwiML, but the caller hears it ring until a phone is answered.
    const talks = legs.length > 0 && legs.every((call) => call.status === "in-progress");
    return { number, leg, state: talks ? "talking" : leg ? "calling" : "idle", since: changedAt(legs) };
  })
);

/** @type {import("@preact/signals").ReadonlySignal<Phone[]>} */
export const calledPhones = computed(() => {
  const known = new Set(numbers.value.flatMap((number) => number.forward_to ?? []));
  const live = liveLegs.value.filter((leg) =>
    !isIncoming(leg) && !numbers.value.some((own) => own.phone_number === leg.to)
  );
  live.forEach((leg) => known.add(leg.to));
  return [...known].sort().map((number) => {
    const legs = live.filter((leg) => leg.to === number);
    const leg = legs.find(({ status }) => status === "ringing") ?? legs[0] ?? null;
    const state = leg ? (leg.status === "in-progress" ? "talking" : "ringing") : "idle";
    return { number, leg, state, since: changedAt(leg ? [leg] : []) };
  });
});

/**
 * When the newest of these statuses began, in milliseconds since 1970.
 *
 * @param {Call[]} legs
 */
function changedAt(legs) {
  return Math.max(0, ...legs.map((leg) => Date.parse(leg.date_updated ?? "") || 0));
}

/** @param {Call} call */
function isIncoming(call) {
  return call.direction === "inbound";
}

/** @param {string} number E.164 */
export function addCaller(number) {
  if (!callers.value.includes(number)) callers.value = [...callers.value, number];
}

/** @param {string} number E.164 */
export function removeCaller(number) {
  callers.value = callers.value.filter((caller) => caller !== number);
}

listen("step", ({ call_sid: sid, kind, text }) => {
  if (kind !== "twiml") return;
  const [, within, verb, words] = /^(<Gather>)?<(\w+)>\s*(.*)$/s.exec(text) ?? [];
  if (!verb) return;
  const shown = words.length < LONGEST_STEP ? words : `${words}...`;
  spoken.value = { ...spoken.value, [sid]: { verb, text: shown, gather: Boolean(within) || verb === "Gather" } };
});
effect(() => {
  // Forget what was said in calls that are over.
  const live = new Set(liveLegs.value.map((leg) => leg.sid));
  const kept = Object.entries(spoken.peek()).filter(([sid]) => live.has(sid));
  if (kept.length < Object.keys(spoken.peek()).length) spoken.value = Object.fromEntries(kept);
});
