/** Sends chosen requests again, one after the other, in the order in which they were chosen. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { send } from "../api.js";
import { reported } from "../stores/requests.js";

/**
 * @param {object} props
 * @param {import("../timeline.js").Mark[]} props.marks
 * @param {number[]} props.order ids of requests
 * @param {(order: number[]) => void} props.onOrder
 */
export function SendSeveral({ marks, order, onOrder }) {
  const [progress, setProgress] = useState("");
  const names = order.map((id) => {
    const mark = marks.find(({ request }) => request.id === id);
    return mark ? `${mark.number} ${reported(mark.request).status}` : "";
  });
  const run = async () => {
    try {
      for (const [index, id] of order.entries()) {
        setProgress(`Sending ${index + 1} of ${order.length}`);
        await send({ method: "POST", path: `webhook-requests/${id}/resend`, body: {} });
      }
      setProgress(`Sent ${order.length} requests.`);
    } catch (error) {
      setProgress(error instanceof Error ? error.message : String(error));
    }
  };
  return html`
    <div class="send-several">
      <span>In this order: ${names.join(", ")}</span>
      <button type="button" onClick=${() => onOrder(order.toReversed())}>Reverse</button>
      <button type="button" onClick=${() => onOrder(shuffled(order))}>Shuffle</button>
      <button type="button" class="primary" onClick=${run}>Send ${order.length} requests</button>
      <span role="status">${progress}</span>
    </div>
  `;
}

/** @param {number[]} order */
function shuffled(order) {
  return order.map((id) => ({ id, key: Math.random() })).sort((left, right) => left.key - right.key).map(({ id }) =>
    id
  );
}
