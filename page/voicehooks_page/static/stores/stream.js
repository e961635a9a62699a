/** The server's event stream: what happens, as it happens. The browser reconnects by itself, and continues. */

import { signal } from "@preact/signals";

/** @typedef {"connecting" | "live" | "lost"} StreamState */

export const streamState = signal(/** @type {StreamState} */ ("connecting"));

const RETRY_MS = 1000;
const EVENTS = ["call", "step", "webhook-request", "row", "function-log"];

/** @type {Map<string, Set<(data: any) => void>>} */
const listeners = new Map(EVENTS.map((event) => [event, new Set()]));
/** @type {Set<() => void>} */
const reconnected = new Set();
/** @type {{ event: string, data: any }[]} */
let waiting = [];

/**
 * Listen to an event; what arrives within one frame of the screen is delivered together.
 *
 * @param {string} event
 * @param {(data: any) => void} listener
 * @returns {() => void} stops it
 */
export function listen(event, listener) {
  listeners.get(event)?.add(listener);
  return () => {
    listeners.get(event)?.delete(listener);
  };
}

/**
 * Have everything read again when the server is back after it was gone: it may have another state.
 *
 * @param {() => void} listener
 */
export function listenToReconnect(listener) {
  reconnected.add(listener);
}

/** Open the stream and keep it open. */
export function openStream() {
  const source = new EventSource("events");
  let lost = streamState.value === "lost";
  source.onopen = () => {
    streamState.value = "live";
    if (lost) reconnected.forEach((listener) => listener());
    lost = false;
  };
  source.onerror = () => {
    lost = true;
    streamState.value = "lost";
    // The browser gives up after an answer that is not a stream.
    if (source.readyState === EventSource.CLOSED) setTimeout(openStream, RETRY_MS);
  };
  for (const event of EVENTS) {
    source.addEventListener(event, (/** @type {MessageEvent<string>} */ message) => {
      if (waiting.length === 0) schedule();
      waiting.push({ event, data: JSON.parse(message.data) });
    });
  }
}

/** Browsers draw no frames in a hidden tab, and the events would pile up. */
function schedule() {
  if (document.hidden) setTimeout(deliver, 100);
  else requestAnimationFrame(deliver);
}

function deliver() {
  const events = waiting;
  waiting = [];
  for (const { event, data } of events) listeners.get(event)?.forEach((listener) => listener(data));
  flushers.forEach((flush) => flush());
}

/** @type {Set<() => void>} */
const flushers = new Set();

/**
 * Have something done once after the events of a frame, instead of once per event.
 *
 * @param {() => void} flush
 */
export function afterEvents(flush) {
  flushers.add(flush);
}
