// call-display.js
/**
 * @typedef {Pick<import("./database.types.ts").Tables<"twilio_calls">,
 *   "call_sid" | "display_status" | "talking_since" | "talk_seconds">} CallRow
 */

/** The columns of CallRow, for a select. */
export const COLUMNS = "call_sid,display_status,talking_since,talk_seconds";

/** @type {Record<string, string>} */
const WORDS = {
  connecting: "Connecting...",
  ringing: "Ringing...",
  connected: "Connected",
  busy: "Busy",
  "no-answer": "No answer",
  failed: "Failed",
  canceled: "Canceled",
  missed: "Missed",
  voicemail: "Voicemail",
};

/**
 * What to show for a call; call it every second while it is connected.
 * @param {CallRow} row
 */
export function describe(row, now = Date.now()) {
  if (row.display_status === "connected" && row.talking_since !== null) {
    return `Connected ${clock((now - Date.parse(row.talking_since)) / 1000)}`;
  }
  if (row.display_status === "completed") return `Call ended, ${clock(row.talk_seconds ?? 0)}`;
  return WORDS[row.display_status] ?? row.display_status;
}

/** @param {CallRow} row */
export function isOver(row) {
  return !["connecting", "ringing", "connected"].includes(row.display_status);
}

/** @param {number} seconds */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds)); // the page's clock may be behind
  return [Math.floor(whole / 60), whole % 60].map((part) => String(part).padStart(2, "0")).join(":");
}
