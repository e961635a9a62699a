/** How values read on the screen. */

const NORTH_AMERICA = /^\+1(\d{3})(\d{3})(\d{4})$/;

/**
 * A phone number for reading; copies of it are E.164.
 *
 * @param {string} number
 */
export function formatNumber(number) {
  return number.replace(NORTH_AMERICA, "+1 $1 $2 $3");
}

/**
 * The time of day, in this machine's time zone.
 *
 * @param {Date} date
 */
export function formatTime(date) {
  return date.toLocaleTimeString("en-GB");
}

/**
 * A point in time relative to now, as in "3 min ago".
 *
 * @param {Date} date
 * @param {number} now milliseconds since 1970
 */
export function formatAge(date, now) {
  const seconds = Math.max(0, Math.round((now - date.getTime()) / 1000));
  if (seconds < 5) return "now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return date.toLocaleDateString("en-CA");
}

/**
 * A timer, as in "0:05".
 *
 * @param {number} seconds
 */
export function formatTimer(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/**
 * A number of things, as in "1 call" and "2 calls".
 *
 * @param {number} count
 * @param {string} noun
 */
export function formatCount(count, noun) {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}

/** The words of a call's status, as docs/crm.md has them for `display_status`, and Twilio's own. */
const WORDS = /** @type {Record<string, string>} */ ({
  queued: "Queued",
  initiated: "Connecting...",
  connecting: "Connecting...",
  ringing: "Ringing...",
  connected: "Connected",
  "in-progress": "In progress",
  completed: "Completed",
  busy: "Busy",
  "no-answer": "No answer",
  failed: "Failed",
  canceled: "Canceled",
  missed: "Missed",
  voicemail: "Voicemail",
});

/** @param {string} status */
export function formatStatus(status) {
  return WORDS[status] ?? status;
}

/**
 * A value of a row, as it is sent.
 *
 * @param {unknown} value
 */
export function formatValue(value) {
  if (value === null || value === undefined) return "null";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
