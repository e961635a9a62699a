import { currentCall, showCall } from "./call-bar.js";
import { actionButton, element, readable } from "./element.js";
import { rings } from "./incoming-calls.js";
import { supabase } from "./session.js";

export const incomingCards = element("div.incoming", { "aria-live": "assertive" });

/** @type {Map<string, HTMLElement>} */
const cards = new Map();

/**
 * Shows or removes the card of an incoming call.
 * @param {import("./incoming-calls.js").Call} call
 * @param {{phone: string}} me
 */
export async function showIncoming(call, me) {
  const sid = call.call_sid ?? "";
  if (call.direction !== "inbound" || sid === "") return;
  if (rings(call)) {
    if (!cards.has(sid)) cards.set(sid, await card(sid, call.lead_number));
    return;
  }
  cards.get(sid)?.remove();
  cards.delete(sid);
  if (call.display_status !== "connected" || currentCall() === sid) return;
  // The screen of the agent whose phone answered shows the call.
  const { data } = await supabase.from("twilio_agents_on_call").select("agent").eq("call_sid", sid)
    .maybeSingle();
  if (data?.agent === me.phone && currentCall() !== sid) showCall(sid, await leadOf(sid, call.lead_number));
}

/** @param {string} sid @param {string | null} number */
async function card(sid, number) {
  const made = element("article.card");
  cards.set(sid, made);
  const lead = await leadOf(sid, number);
  made.append(
    element("small", {}, "Incoming call"),
    element("strong", {}, lead.name),
    element("span", {}, [lead.company, readable(number)].filter(Boolean).join(" · ")),
    element(
      "div.controls",
      {},
      lead.id && element("a.button.primary", { href: `#/leads/${lead.id}` }, "Open lead"),
      actionButton("plain", "Dismiss", () => made.remove()),
    ),
  );
  if (cards.has(sid)) incomingCards.append(made);
  return made;
}

/** @param {string} sid @param {string | null} number */
export async function leadOf(sid, number) {
  const { data } = await supabase.from("lead_calls").select("lead_id,lead_name,lead_company").eq(
    "call_sid",
    sid,
  )
    .maybeSingle();
  return {
    id: data?.lead_id,
    name: data?.lead_name ?? "Unknown caller",
    company: data?.lead_company ?? "",
    number,
  };
}
