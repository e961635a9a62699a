/** The webhook requests of a call as a table; several can be sent again in an order of choice. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { go, place } from "../address.js";
import { readOnly } from "../stores/about.js";
import { changesKnown } from "../stores/changes.js";
import { reported } from "../stores/requests.js";
import { Answer } from "./answer.js";
import { SendSeveral } from "./send_several.js";

/** @typedef {import("../timeline.js").Mark} Mark */

/** @param {{ marks: Mark[] }} props */
export function CallRequests({ marks }) {
  const [order, setOrder] = useState(/** @type {number[]} */ ([]));
  const chosen = order.filter((id) => marks.some((mark) => mark.request.id === id));
  /** @param {number} id */
  const toggle = (id) => setOrder(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id]);
  if (marks.length === 0) return html`<p class="empty quiet">Twilio has not sent a request about this call yet.</p>`;
  return html`
    <table class="requests">
      <thead>
        <tr>
          ${!readOnly.value && html`<th scope="col"><span class="visually-hidden">Send again</span></th>`}
          <th scope="col">#</th><th scope="col">Time</th><th scope="col">Kind</th><th scope="col">Status</th>
          <th scope="col">Answer</th>${changesKnown.value && html`<th scope="col">Rows</th>`}<th scope="col">Notes</th>
        </tr>
      </thead>
      <tbody>
        ${marks.map((mark) =>
          html`<${RequestRow} key=${mark.request.id} mark=${mark} position=${
            chosen.indexOf(mark.request.id)
          } onToggle=${toggle} />`
        )}
      </tbody>
    </table>
    ${chosen.length > 1 && html`<${SendSeveral} marks=${marks} order=${chosen} onOrder=${setOrder} />`}
  `;
}

/** @param {{ mark: Mark, position: number, onToggle: (id: number) => void }} props */
function RequestRow({ mark, position, onToggle }) {
  const { request, number } = mark;
  const { status, sequence } = reported(request);
  const select = () => go({ request: String(request.id), pane: "request" });
  return html`
    <tr aria-current=${String(request.id) === place.value.request ? "true" : undefined} onClick=${select}>
      ${!readOnly.value && html`
        <td onClick=${(/** @type {Event} */ event) => event.stopPropagation()}>
          <label class="check">
            <input type="checkbox" checked=${position >= 0} onChange=${() => onToggle(request.id)}
              aria-label="Send request ${number} again" />
            ${position >= 0 ? position + 1 : ""}
          </label>
        </td>
      `}
      <td><button type="button" class="link" onClick=${select} aria-label="Request ${number}">${number}</button></td>
      <td>${mark.at.toFixed(1)} s</td>
      <td>${request.kind}</td>
      <td>${status}${" "}<span class="quiet">${sequence}</span></td>
      <td><${Answer} request=${request} /></td>
      ${changesKnown.value && html`<td>${mark.changes?.length || ""}</td>`}
      <td>
        ${(request.attempt ?? 1) > 1 && html`
          <span class="warn-text">attempt ${request.attempt}</span>
        `}
        ${mark.repeated && html`
          <span class="warn-text">repeated</span>
        `}
        ${mark.late && html`<span class="warn-text">late</span>`}
      </td>
    </tr>
  `;
}
