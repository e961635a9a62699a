// incoming-calls.js
/** @typedef {import("./database.types.ts").Tables<"twilio_calls">} Call */

/** How often to look while there is no subscription, in milliseconds. */
const POLL_MS = 2000;

/**
 * Reports every change of a call that came in or was placed, and the incoming calls that ring now.
 * @param {import("@supabase/supabase-js").SupabaseClient} supabase
 * @param {(call: Call) => void} changed
 * @param {(connected: boolean) => void} status Whether the page learns of changes at once.
 * @returns {() => void} What ends it.
 */
export function watchCalls(supabase, changed, status = () => {}) {
  let subscribed = false;

  // Realtime does not repeat what happened before the subscription was established.
  async function read() {
    const { data } = await supabase.from("twilio_calls").select("*")
      .is("parent_call_sid", null).is("ended_at", null).order("started_at", { ascending: false }).limit(20);
    data?.forEach(changed);
  }
  const channel = supabase.channel("calls").on(
    "postgres_changes",
    { event: "*", schema: "public", table: "twilio_calls" },
    (change) => {
      const call = /** @type {Call} */ (change.new);
      if (call.call_sid && !call.parent_call_sid) changed(call);
    },
  ).subscribe((state) => {
    subscribed = state === "SUBSCRIBED";
    status(subscribed);
    read();
  });
  const poll = setInterval(() => subscribed || read(), POLL_MS);
  return () => {
    clearInterval(poll);
    supabase.removeChannel(channel);
  };
}

/**
 * Whether an incoming call rings now.
 * @param {Call} call
 */
export function rings(call) {
  return call.direction === "inbound" && call.display_status === "ringing" && call.ended_at === null;
}
