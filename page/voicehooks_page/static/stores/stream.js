/** The server's event stream: what happens, as it happens. The browser reconnects by itself, and continues. */

import { signal } from "@preact/signals";

/** @typedef {"connecting" | "live" | "lost"} StreamState live once what is shown was read since the stream opened */

export const streamState = signal(/** @type {StreamState} */ ("connecting"));

const RETRY_MS = 1000;
const PAUSE_MS = 50;
const EVENTS = ["call", "step", "webhook-request", "row", "function-log"];

/** @type {Map<string, Set<(data: any) => void>>} */
const listeners = new Map(EVENTS.map((event) => [event, new Set()]));
/** @type {Set<() => void | Promise<void>>} */
const openers = new Set();
/** @type {{ event: string, data: any }[]} */
let waiting = [];

/**
 * Listen to an event; what arrives within a moment is delivered together.
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
 * Have something done whenever the stream opens: first, and after the server was gone, which may have another
 * state then.
 *
 * @param {() => void | Promise<void>} listener
 */
export function listenToOpen(listener) {
  openers.add(listener);
}

/** Open the stream and keep it open. */
export function openStream() {
  const source = new EventSource("events");
  source.onopen = async () => {
    await Promise.allSettled([...openers].map((listener) => listener()));
    if (source.readyState === EventSource.OPEN) streamState.value = "live";
  };
  source.onerror = () => {
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

/** Not for each event, which could be hundreds a second; soon enough to look immediate. */
function schedule() {
  setTimeout(deliver, PAUSE_MS);
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
 * Have something done once after the events that were delivered together, instead of once per event.
 *
 * @param {() => void} flush
 */
export function afterEvents(flush) {
  flushers.add(flush);
}
