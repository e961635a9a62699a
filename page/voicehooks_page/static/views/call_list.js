/** All calls: the list of the first view. */

import { html } from "htm/preact";
import { go, place } from "../address.js";
import { formatAge, formatNumber, formatStatus, formatTime } from "../format.js";
import { Action } from "../parts/action.js";
import { Icon } from "../parts/icon.js";
import { VirtualList } from "../parts/virtual_list.js";
import { readOnly } from "../stores/about.js";
import { callsLoaded, isOver, loadEarlierCalls, shownCalls } from "../stores/calls.js";
import { now } from "../stores/now.js";
import { callers, numbers } from "../stores/phones.js";
import { Filter } from "./filter.js";

/** @typedef {import("../types.js").Call} Call */

const STATUSES = ["queued", "ringing", "in-progress", "completed", "busy", "no-answer", "failed", "canceled"];

export function CallList() {
  return html`
    <${Filter} label="Number, SID or problem" statuses=${STATUSES} />
    ${callsLoaded.value && shownCalls.value.length === 0 ? html`<${NoCalls} />` : html`
      <${VirtualList}
        label="Calls"
        className="call-list"
        columns=${["Time", "From", "To", "Status", "Length", "Notes"]}
        items=${shownCalls.value}
        rowHeight=${28}
        keyOf=${(/** @type {Call} */ call) => call.sid}
        isSelected=${(/** @type {Call} */ call) => call.sid === place.value.call}
        onSelect=${(/** @type {Call} */ call) => go({ call: call.sid, request: "" })}
        onEnd=${loadEarlierCalls}
        cells=${cells}
      />
    `}
  `;
}

/** @param {Call} call */
function cells(call) {
  const date = new Date(call.start_time ?? call.date_created ?? 0);
  return html`
    <span role="cell" title=${date.toLocaleString()}>${formatTime(date)}${" "}<span class="age">${formatAge(
      date,
      now.value,
    )}</span></span>
    <span role="cell">${formatNumber(call.from)}</span>
    <span role="cell">${formatNumber(call.to)}</span>
    <span role="cell">
      <span class="status status-${call.status}">
          <${Icon} name=${iconOf(call)} /> ${formatStatus(call.status)}
        </span>
    </span>
    <span role="cell">${call.duration && isOver(call) ? `${call.duration} s` : ""}</span>
    <span role="cell">
          ${call.recordings ? html`<${Icon} name="record" label="Recording" />` : ""}
          ${call.problem ? html`<span class="problem-note" title=${call.problem}>${call.problem}</span>` : ""}
        </span>
  `;
}

/** @param {Call} call */
function iconOf({ status }) {
  if (status === "completed") return "check";
  if (status === "ringing" || status === "queued") return "bell";
  return status === "in-progress" ? "phone" : "cross";
}

function NoCalls() {
  if (place.value.text || place.value.status) {
    return html`
      <div class="empty">
        <p>No call matches this filter.</p>
        <button type="button" onClick=${() => go({ text: "", status: "" })}>Clear the filter</button>
      </div>
    `;
  }
  const number = numbers.value[0]?.phone_number;
  if (readOnly.value || !number) {
    return html`
      <div class="empty">
        <p>There are no calls yet.</p>
      </div>
    `;
  }
  const body = { from: callers.value[0], to: number, ringSeconds: null, talkSeconds: null };
  return html`
    <div class="empty">
      <p>There are no calls yet. Call one of the account's numbers: a phone on the left rings, and you answer it.</p>
      <${Action}
        className="primary"
        request=${{ method: "POST", path: "calls", body }}
        onDone=${(/** @type {{ sid: string }} */ { sid }) => go({ call: sid })}
      >Call ${formatNumber(number)}<//>
    </div>
  `;
}
