// follow-call.js
import { COLUMNS, describe, isOver } from "./call-display.js";

/** @typedef {import("./call-display.js").CallRow} CallRow */

/**
 * Shows a call until it is over. Returns what ends it early.
 * @param {import("@supabase/supabase-js").SupabaseClient} supabase
 * @param {string} callSid
 * @param {(text: string, row: CallRow) => void} show
 * @returns {() => void}
 */
export function followCall(supabase, callSid, show) {
  /** @type {CallRow | undefined} */
  let row;
  let subscribed = false;

  /** @param {CallRow | null} newer */
  function take(newer) {
    if (newer === null || (row !== undefined && isOver(row))) return;
    row = newer;
    show(describe(row), row);
    if (isOver(row)) stop();
  }
  async function read() {
    const { data } = await supabase.from("twilio_calls").select(COLUMNS).eq("call_sid", callSid)
      .maybeSingle();
    take(data);
  }

  const channel = supabase.channel(`call-${callSid}`).on(
    "postgres_changes",
    { event: "*", schema: "public", table: "twilio_calls", filter: `call_sid=eq.${callSid}` },
    (change) => take(/** @type {CallRow} */ (change.new)),
  ).subscribe((status) => {
    subscribed = status === "SUBSCRIBED";
    if (subscribed) read();
  });
  const tick = setInterval(() => {
    if (!subscribed) read();
    else if (row?.display_status === "connected") show(describe(row), row);
  }, 1000);

  function stop() {
    clearInterval(tick);
    supabase.removeChannel(channel);
  }
  return stop;
}
