/** The webhook requests of all calls; the filter also searches what was sent and answered. */

import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { go, place } from "../address.js";
import { formatTime } from "../format.js";
import { VirtualList } from "../parts/virtual_list.js";
import { loadRequests, reported, shownRequests } from "../stores/requests.js";
import { Answer } from "./answer.js";
import { Filter } from "./filter.js";

/** @typedef {import("../types.js").WebhookRequest} WebhookRequest */

export function RequestList() {
  useEffect(() => {
    loadRequests();
  }, []);
  return html`
    <${Filter} label="Anything in a request" statuses=${["accepted", "refused", "failed"]} />
    <${VirtualList}
      label="Webhook requests"
      className="request-list"
      columns=${["Time", "Kind", "Status", "From", "To", "Answer"]}
      items=${shownRequests.value}
      rowHeight=${28}
      keyOf=${(/** @type {WebhookRequest} */ request) => request.id}
      isSelected=${(/** @type {WebhookRequest} */ request) => String(request.id) === place.value.request}
      onSelect=${(/** @type {WebhookRequest} */ request) => go({ request: String(request.id), pane: "request" })}
      cells=${cells}
    />
  `;
}

/** @param {WebhookRequest} request */
function cells(request) {
  const { status, sequence } = reported(request);
  return html`
    <span role="cell">${formatTime(new Date(request.time * 1000))}</span>
    <span role="cell">${request.kind}</span>
    <span role="cell">${status}${" "}<span class="quiet">${sequence}</span></span>
    <span role="cell">${request.params.From ?? ""}</span>
    <span role="cell">${request.params.To ?? ""}</span>
    <span role="cell"><${Answer} request=${request} /></span>
  `;
}
