import { callBar, currentCall, showCall } from "./call-bar.js";
import { isOver } from "./call-display.js";
import { element, readable } from "./element.js";
import { incomingCards, leadOf, showIncoming } from "./incoming-card.js";
import { watchCalls } from "./incoming-calls.js";
import { callsPage, leadPage, leadsPage, missedPage } from "./pages.js";
import { rows, supabase } from "./session.js";
import { signInPage } from "./sign-in.js";

/** @typedef {import("./pages.js").Agent} Agent */

/** When a page that could not be shown is tried again, in milliseconds. */
const RETRY_MS = 3000;

const main = element("main", { id: "main", tabindex: "-1" });
const presence = element("section.presence", { "aria-label": "On a call" });
const live = element("p.live", { role: "status" });
/** @type {Agent | undefined} */
let me;
/** The id of the user whose page is shown or being made; Auth reports a session more than once. */
let signedIn = "";
let stopWatching = () => {};
/** @type {ReturnType<typeof setTimeout> | undefined} */
let refreshing;

/** Shows the page of the address. */
async function show() {
  if (me === undefined) return;
  const [path = "", query = ""] = location.hash.slice(2).split("?");
  const [name, id] = path.split("/");
  for (const link of document.querySelectorAll("nav a")) {
    const current = link.getAttribute("href") === `#/${name || "leads"}`;
    current ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  try {
    const content = name === "calls"
      ? await callsPage(new URLSearchParams(query))
      : name === "missed"
      ? await missedPage(me)
      : id
      ? await leadPage(me, id)
      : await leadsPage(me);
    // A recording that plays, a button at work and a sentence that was not read yet stay as they are.
    if (
      main.querySelector("audio, button:disabled, .action .problem:not(:empty)") &&
      main.dataset.path === location.hash
    ) {
      return;
    }
    main.dataset.path = location.hash;
    main.replaceChildren(...content);
  } catch (error) {
    main.replaceChildren(element("p.problem", { role: "alert" }, /** @type {Error} */ (error).message));
    main.dataset.path = "";
    setTimeout(() => main.dataset.path === "" && show(), RETRY_MS);
  }
}

/** Who is on a call, as far as this user may know. */
async function showPresence() {
  const calls = await rows(supabase.from("twilio_agents_on_call").select("agent,display_status")).catch(
    () => [],
  );
  const agents = await rows(supabase.from("agents").select("name,phone").order("name")).catch(() => []);
  presence.replaceChildren(
    element("h2", {}, "Agents"),
    element(
      "ul",
      {},
      ...agents.map((/** @type {Agent} */ agent) => {
        const busy = calls.some((/** @type {{agent: string}} */ call) => call.agent === agent.phone);
        return element(
          "li",
          { "data-busy": String(busy) },
          agent.name,
          element("small", {}, busy ? "on a call" : "free"),
        );
      }),
    ),
  );
}

/** Shows lists again soon after a call changed, once for many changes. */
function refreshSoon() {
  clearTimeout(refreshing);
  refreshing = setTimeout(() => {
    const typing = document.activeElement?.matches("input, select") && main.contains(document.activeElement);
    if (!typing) show();
    showPresence();
  }, 300);
}

/**
 * Shows the call that this user has placed, also after the page was reloaded.
 * @param {import("./incoming-calls.js").Call} call
 * @param {Agent} agent
 */
async function showOwn(call, agent) {
  if (call.call_sid === null || call.placed_by !== agent.user_id || isOver(call) || currentCall() !== "") {
    return;
  }
  const lead = await leadOf(call.call_sid, call.lead_number);
  if (currentCall() === "") showCall(call.call_sid, lead);
}

/** @param {string} userId @param {string} email */
async function start(userId, email) {
  const [agent] = await rows(supabase.from("agents").select("*").eq("user_id", userId)).catch(() => []);
  if (agent === undefined) {
    document.body.replaceChildren(
      element(
        "main",
        {},
        element(
          "p.problem",
          { role: "alert" },
          `${email} is not in the table agents. Add the user's id, name and phone there.`,
        ),
      ),
    );
    return;
  }
  me = agent;
  const link = (/** @type {string} */ name) => element("a", { href: `#/${name.toLowerCase()}` }, name);
  const signOut = element(
    "button.plain",
    { type: "button", onclick: () => supabase.auth.signOut() },
    "Sign out",
  );
  document.body.replaceChildren(
    element(
      "aside",
      {},
      element("a.brand", { href: "#/leads" }, "Leadline"),
      element("nav", { "aria-label": "Pages" }, link("Leads"), link("Calls"), link("Missed")),
      presence,
      element(
        "footer",
        {},
        live,
        element("strong", {}, agent.name),
        element("small", {}, readable(agent.phone)),
        signOut,
      ),
    ),
    main,
    incomingCards,
    callBar,
  );
  stopWatching = watchCalls(supabase, (call) => {
    showIncoming(call, agent);
    showOwn(call, agent);
    refreshSoon();
  }, (connected) => {
    live.textContent = connected ? "Live" : "Reconnecting...";
    live.dataset.connected = String(connected);
    if (connected) refreshSoon(); // what changed in between is in the tables
  });
  await Promise.all([show(), showPresence()]);
}

addEventListener("hashchange", show);
supabase.auth.onAuthStateChange((_event, session) => {
  if (session === null) {
    stopWatching();
    me = undefined;
    signedIn = "";
    document.body.replaceChildren(signInPage());
  } else if (signedIn !== session.user.id) {
    signedIn = session.user.id;
    // Requests that are made inside this callback would wait for it (Supabase docs: onAuthStateChange).
    setTimeout(() => start(session.user.id, session.user.email ?? ""));
  }
});
