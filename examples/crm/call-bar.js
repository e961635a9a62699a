import { clock, isOver } from "./call-display.js";
import { hangUp, transfer } from "./control-call.js";
import { actionButton, element, readable } from "./element.js";
import { followCall } from "./follow-call.js";
import { project, rows, supabase } from "./session.js";

/** How long a call that is over stays on the screen, in milliseconds. */
const LINGER_MS = 6000;

export const callBar = element("section.call-bar", { "aria-label": "Current call", hidden: true });

let current = "";
let stopFollowing = () => {};

/** The SID of the call in the bar, "" if there is none. */
export function currentCall() {
  return current;
}

/**
 * Follows a call in the bar until it is over.
 * @param {string} callSid
 * @param {{name: string, number: string | null}} lead
 */
export function showCall(callSid, lead) {
  if (current === callSid) return;
  stopFollowing();
  current = callSid;
  const status = element("strong.status", { role: "status" }, "Connecting...");
  const timer = element("span.timer", { "aria-hidden": "true" });
  const controls = element(
    "div.controls",
    {},
    transferControl(callSid),
    actionButton("danger", "Hang up", async () => hangUp(await project(), callSid)),
  );
  callBar.replaceChildren(
    element("div.who", {}, element("span", {}, lead.name), element("small", {}, readable(lead.number))),
    element("div.state", {}, status, timer),
    controls,
  );
  callBar.hidden = false;
  stopFollowing = followCall(supabase, callSid, (text, row) => {
    const connected = row.display_status === "connected" && row.talking_since !== null;
    const words = connected ? "Connected" : text;
    // A screen reader hears each step once, and not every second of the timer.
    if (status.textContent !== words) status.textContent = words;
    timer.textContent = connected ? clock((Date.now() - Date.parse(row.talking_since ?? "")) / 1000) : "";
    callBar.dataset.status = row.display_status;
    if (isOver(row)) finish(callSid, controls);
  });
}

/** @param {string} callSid @param {HTMLElement} controls */
function finish(callSid, controls) {
  current = "";
  controls.replaceChildren(actionButton("plain", "Close", () => hide(callSid)));
  setTimeout(() => hide(callSid), LINGER_MS);
}

/** @param {string} callSid */
function hide(callSid) {
  if (current === "" || current === callSid) callBar.hidden = true;
}

/** @param {string} callSid */
function transferControl(callSid) {
  const select = /** @type {HTMLSelectElement} */ (element("select", { "aria-label": "Transfer to" }));
  select.append(element("option", { value: "" }, "Transfer to..."));
  rows(supabase.from("agents").select("name,phone,user_id").order("name")).then(async (agents) => {
    const { data } = await supabase.auth.getSession();
    for (const agent of agents) {
      if (agent.user_id === data.session?.user.id) continue;
      select.append(element("option", { value: agent.phone }, agent.name));
    }
  }, () => undefined);
  return element(
    "span.transfer",
    {},
    select,
    actionButton("plain", "Transfer", async () => {
      if (select.value === "") throw new Error("Choose who takes the call.");
      await transfer(await project(), callSid, select.value);
    }),
  );
}
