/** The selected call: lanes, requests, what Twilio did, recordings. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { formatNumber, formatStatus } from "../format.js";
import { Tabs } from "../parts/tabs.js";
import { changes } from "../stores/changes.js";
import { clock } from "../stores/clock.js";
import { now } from "../stores/now.js";
import { requests, story, storyError } from "../stores/story.js";
import { layOut } from "../timeline.js";
import { CallRequests } from "./call_requests.js";
import { Lanes } from "./lanes.js";
import { Recordings } from "./recordings.js";
import { Steps } from "./steps.js";

/** @typedef {import("../types.js").Story} Story */

export function CallView() {
  const [tab, setTab] = useState("requests");
  if (storyError.value) return html`<p class="problem" role="alert">${storyError.value}</p>`;
  if (!story.value) return html`<p class="empty quiet">Select a call to see it step by step.</p>`;
  const current = story.value;
  const { factor } = clock.value;
  const elapsed = (now.value - Date.parse(current.call.date_created ?? "")) / 1000 * (factor === "max" ? 1 : factor);
  const timeline = layOut(current, requests.value, changes.value, elapsed, factor === 1);
  const tabs = {
    requests: `Requests ${requests.value.length}`,
    steps: `Steps ${current.steps.length}`,
    recordings: `Recordings ${current.recordings.length}`,
  };
  return html`
    <section class="call" aria-label="Selected call">
      <h2 class="call-title">
        ${formatNumber(current.call.from)} to ${formatNumber(current.call.to)}
        <span class="status status-${current.status}">${formatStatus(current.status)}</span>
        <code class="sid">${current.sid}</code>
      </h2>
      <${Lanes} timeline=${timeline} />
      <${Tabs} label="Parts of the call" tabs=${tabs} selected=${tab} onSelect=${setTab}
        panel="call-panel" />
      <div id="call-panel" role="tabpanel" aria-labelledby="call-panel-${tab}" tabindex="0">
        ${tab === "requests" && html`<${CallRequests} marks=${timeline.marks} />`}
        ${tab === "steps" && html`<${Steps} steps=${current.steps} />`}
        ${tab === "recordings" && html`<${Recordings} recordings=${current.recordings} />`}
      </div>
    </section>
  `;
}
