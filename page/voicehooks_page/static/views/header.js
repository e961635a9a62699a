/** The top line: which server, whether the page is live, and the views. */

import { html } from "htm/preact";
import { addressOf, go, place } from "../address.js";
import { formatCount } from "../format.js";
import { about, readOnly } from "../stores/about.js";
import { clock } from "../stores/clock.js";
import { faults } from "../stores/faults.js";
import { findings } from "../stores/findings.js";
import { mails } from "../stores/mails.js";
import { streamState } from "../stores/stream.js";

const STATES = { connecting: "Connecting", live: "Live", lost: "Not connected, trying again" };

/** @returns {[string, string][]} */
function views() {
  const count = (/** @type {unknown[]} */ list) => (list.length > 0 ? ` ${list.length}` : "");
  const problems = (findings.value ?? []).filter((finding) => finding.level !== "ok");
  return [
    ["calls", "Calls"],
    ["requests", "Requests"],
    ["tables", "Tables"],
    ["numbers", "Numbers"],
    ["functions", "Functions"],
    ...(readOnly.value
      ? /** @type {[string, string][]} */ ([["findings", `Findings${count(problems)}`]])
      : /** @type {[string, string][]} */ ([[
        "control",
        `Controls${faults.value.length > 0 ? `: ${formatCount(faults.value.length, "fault")}` : ""}`,
      ], [
        "mail",
        `Mail${count(mails.value)}`,
      ]])),
  ];
}

/** @param {{ onHelp: () => void }} props */
export function Header({ onHelp }) {
  const { name, account_sid: account, project_ref: project } = about.value;
  const state = streamState.value;
  const { factor } = clock.value;
  return html`
    <header class="header">
      <h1>${name || "Voicehooks"}</h1>
      <span class="live live-${state}" role="status">${STATES[state]}</span>
      ${factor !== 1 && html`<span class="badge">${factor === "max" ? "as fast as possible" : `x${factor}`}</span>`}
      <nav aria-label="Views">
        ${views().map(([id, title]) =>
          html`
            <a
              key=${id}
              href=${addressOf({ view: id, text: "", status: "", pane: "main" })}
              aria-current=${place.value.view === id ? "page" : undefined}
              onClick=${(/** @type {MouseEvent} */ event) => {
                if (event.metaKey || event.ctrlKey) return;
                event.preventDefault();
                go({ view: id, text: "", status: "", pane: "main" });
              }}
            >${title}</a>
          `
        )}
      </nav>
      <span class="identity">
        ${account && html`<code title=${account}>${account.slice(0, 6)}...${account.slice(-5)}</code>`}
        ${project && html`
          <code title=${project}>${project.slice(0, 14)}...</code>
        `}
      </span>
      <button type="button" onClick=${onHelp} aria-label="Keys">?</button>
    </header>
  `;
}
