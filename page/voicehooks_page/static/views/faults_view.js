/** Breaks things: faults of webhook requests and of Twilio's API, an outage of the database. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { Action } from "../parts/action.js";
import { faults, loadFaults } from "../stores/faults.js";

/** @typedef {import("../types.js").Fault} Fault */

const WEBHOOK_FAULTS = /** @type {Record<string, string>} */ ({
  drop: "Requests do not arrive",
  duplicate: "Requests arrive twice",
  delay: "Requests arrive late",
  reorder: "Requests arrive after the next one",
  "wrong-signature": "Requests have a wrong signature",
  "no-signature": "Requests have no signature",
});
const API_FAULTS = /** @type {Record<string, string>} */ ({
  "rest-error": "Twilio's API answers 500",
  "rest-delay": "Twilio's API is slow",
  "too-many-requests": "Twilio's API answers 429",
});
const KINDS = ["voice", "action", "status", "recording"];

export function FaultsView() {
  const [kind, setKind] = useState("");
  const [times, setTimes] = useState("1");
  const [seconds, setSeconds] = useState("3");
  /** @param {string} fault */
  const bodyOf = (fault) => ({
    fault,
    ...(times ? { times: Number(times) } : {}),
    ...(kind && fault in WEBHOOK_FAULTS ? { kind } : {}),
    ...(/delay/.test(fault) ? { seconds: Number(seconds) } : {}),
  });
  return html`
    <section class="panel" aria-label="Faults">
      <h2>Faults</h2>
      <div class="filter">
        <label>Requests of kind
          <select value=${kind} onChange=${(/** @type {any} */ event) => setKind(event.target.value)}>
            <option value="">any</option>
            ${KINDS.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}
          </select>
        </label>
        <label>How many times
          <input type="number" min="1" placeholder="always" value=${times} onInput=${(/** @type {any} */ event) =>
            setTimes(event.target.value)} />
        </label>
        <label>Delay in seconds
          <input type="number" min="0" value=${seconds} onInput=${(/** @type {any} */ event) =>
            setSeconds(event.target.value)} />
        </label>
      </div>
      <div class="buttons">
        ${Object.entries({ ...WEBHOOK_FAULTS, ...API_FAULTS }).map(([fault, text]) =>
          html`<${Action} key=${fault} request=${{
            method: "POST",
            path: "faults",
            body: bodyOf(fault),
          }} onDone=${loadFaults}>${text}<//>`
        )}
      </div>
      <h3>In force</h3>
      ${faults.value.length === 0 ? html`<p class="quiet">Nothing is broken.</p>` : html`
        <ul>${faults.value.map((fault, index) => html`<li key=${index}>${describe(fault)}</li>`)}</ul>
        <${Action} className="primary" request=${{
          method: "DELETE",
          path: "faults",
        }} onDone=${loadFaults}>End all faults<//>
      `}
      <h3>Supabase</h3>
      <div class="buttons">
        <${Action} request=${projectFault({ functions: [{ function: "twilio-webhook", status: 546, times: 1 }] })}>
          The next request ends with 546
        <//>
        <${Action} request=${projectFault({ paused: true })}>Pause the project<//>
        <${Action} request=${projectFault({ clear: true })}>End the project's faults<//>
        <${Action} request=${{ method: "POST", path: "supabase/database/stop" }}>Stop the database<//>
        <${Action} request=${{ method: "POST", path: "supabase/database/start" }}>Start the database<//>
      </div>
    </section>
  `;
}

/** @param {object} body */
function projectFault(body) {
  return { method: "POST", path: "supabase/faults", body };
}

/** @param {Fault} fault */
function describe({ fault, times, kind, seconds }) {
  const text = WEBHOOK_FAULTS[fault] ?? API_FAULTS[fault] ?? fault;
  const notes = [
    kind && `kind ${kind}`,
    seconds && `${seconds} s`,
    times ? `${times === 1 ? "once" : `${times} times`}` : "until ended",
  ];
  return `${text}: ${notes.filter(Boolean).join(", ")}`;
}
