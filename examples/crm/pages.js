import { placeCall } from "./call-button.js";
import { currentCall, showCall } from "./call-bar.js";
import { describe } from "./call-display.js";
import { callHistory } from "./call-history.js";
import { actionButton, ago, element, readable } from "./element.js";
import { audioOf, recordingsOf } from "./play-recording.js";
import { project, rows, supabase } from "./session.js";

/** @typedef {{user_id: string, name: string, phone: string}} Agent */
/** @typedef {{id: string, name: string, company: string, phone: string}} Lead */

/** @param {Agent} me */
export async function leadsPage(me) {
  const leads = await rows(supabase.from("leads").select("*").order("name"));
  const calls = await callHistory(supabase, {});
  return [
    element("h1", {}, "Leads"),
    element(
      "ul.list",
      {},
      ...leads.map((/** @type {Lead} */ lead) => {
        const last = calls.find((call) => call.lead_id === lead.id);
        return element(
          "li",
          {},
          element("a.name", { href: `#/leads/${lead.id}` }, lead.name),
          element("span.muted", {}, lead.company),
          element("span.number", {}, readable(lead.phone)),
          last
            ? element("span.muted.last", {}, withoutTime(last), " · ", ago(last.started_at))
            : element("span.muted.last", {}, "No calls yet"),
          callButton(lead, me),
        );
      }),
    ),
  ];
}

/** @param {Agent} me @param {string} id */
export async function leadPage(me, id) {
  const [lead] = await rows(supabase.from("leads").select("*").eq("id", id));
  if (lead === undefined) return [element("h1", {}, "This lead does not exist")];
  return [
    element("a.back", { href: "#/leads" }, "All leads"),
    element(
      "header.lead",
      {},
      element("div", {}, element("h1", {}, lead.name), element("p.muted", {}, lead.company)),
      element("span.number", {}, readable(lead.phone)),
      callButton(lead, me),
    ),
    element("h2", {}, "Calls"),
    callList(await callHistory(supabase, { lead: id }), "No calls with this lead yet."),
  ];
}

/** @param {URLSearchParams} query */
export async function callsPage(query) {
  const filter = Object.fromEntries(query);
  const choice = (/** @type {string} */ name, /** @type {string[]} */ values) =>
    element(
      "label",
      {},
      name[0]?.toUpperCase() + name.slice(1),
      element(
        "select",
        { name },
        element("option", { value: "" }, "All"),
        ...values.map((value) => element("option", { value, selected: filter[name] === value }, value)),
      ),
    );
  const form = element(
    "form.filters",
    {
      onchange: () => {
        const chosen = new URLSearchParams(
          /** @type {any} */ (new FormData(/** @type {HTMLFormElement} */ (form))),
        );
        for (const [key, value] of [...chosen]) if (value === "") chosen.delete(key);
        location.hash = `#/calls?${chosen}`;
      },
      onsubmit: (/** @type {Event} */ event) => event.preventDefault(),
    },
    choice("direction", ["incoming", "outgoing"]),
    choice("outcome", ["answered", "unanswered", "missed"]),
    element(
      "label",
      {},
      "Lead",
      element("input", { name: "text", type: "search", value: filter.text ?? "" }),
    ),
  );
  return [
    element("h1", {}, "Calls"),
    form,
    callList(await callHistory(supabase, filter), "No calls match these filters."),
  ];
}

/** @param {Agent} me */
export async function missedPage(me) {
  const calls = await callHistory(supabase, { direction: "incoming", outcome: "missed" });
  const leads = await rows(supabase.from("leads").select("*"));
  return [
    element("h1", {}, "Missed calls"),
    callList(calls, "No missed calls.", (call) => {
      const lead = leads.find((/** @type {Lead} */ one) => one.id === call.lead_id);
      return lead && callButton(lead, me, "Call back");
    }),
  ];
}

/**
 * Rings this agent's phone, then the lead's.
 * @param {Lead} lead
 * @param {Agent} me
 */
function callButton(lead, me, label = "Call") {
  return actionButton("primary", label, async () => {
    if (currentCall() !== "") throw new Error("End the current call first.");
    const placed = await placeCall(await project(), { to: lead.phone, agent: me.phone, reference: lead.id });
    showCall(placed.callSid, { name: lead.name, number: lead.phone });
  }, { "aria-label": `${label}: ${lead.name}` });
}

/**
 * @param {import("./call-history.js").LeadCall[]} calls
 * @param {string} none What to say if there are none.
 * @param {(call: import("./call-history.js").LeadCall) => Node | undefined} extra
 */
function callList(calls, none, extra = () => undefined) {
  if (calls.length === 0) return element("p.empty", {}, none);
  return element(
    "ul.list.calls",
    {},
    ...calls.map((call) =>
      element(
        "li",
        { "data-sid": call.call_sid, "data-status": call.display_status },
        element("span.direction", {}, call.direction === "inbound" ? "Incoming" : "Outgoing"),
        call.lead_id
          ? element("a.name", { href: `#/leads/${call.lead_id}` }, call.lead_name ?? "")
          : element("span.name", {}, readable(call.lead_number)),
        element("span.outcome", {}, call.display_status === "connected" ? withoutTime(call) : describe(call)),
        ago(call.started_at),
        extra(call) ?? player(call),
      )
    ),
  );
}

/**
 * The words for a call in a list, which does not count the seconds.
 * @param {import("./call-history.js").LeadCall} call
 */
function withoutTime(call) {
  return describe(call).replace(/,? \d+:\d\d$/, "");
}

/** @param {import("./call-history.js").LeadCall} call */
function player(call) {
  if (call.talking_since === null && !call.left_voicemail) return element("span");
  const place = element("span.recording");
  place.append(actionButton("plain", "Recording", async () => {
    const access = await project();
    const [recording] = await recordingsOf(access, call.call_sid ?? "");
    if (recording === undefined) throw new Error("This call has no recording.");
    const audio = /** @type {HTMLAudioElement} */ (element("audio", { controls: true }));
    audio.src = await audioOf(access, recording.recording_sid);
    place.replaceChildren(audio);
    await audio.play().catch(() => undefined);
  }, { "aria-label": `Recording of the call with ${call.lead_name ?? readable(call.lead_number)}` }));
  return place;
}
