/** The recordings of a call, to be played. */

import { html } from "htm/preact";

/** @param {{ recordings: import("../types.js").Recording[] }} props */
export function Recordings({ recordings }) {
  if (recordings.length === 0) return html`<p class="empty quiet">This call has no recording.</p>`;
  return html`
    <ul class="recordings">
      ${recordings.map((recording) =>
        html`
          <li key=${recording.sid}>
            ${recording.status === "completed"
              ? html`<audio controls preload="none" src="recordings/${recording.sid}" aria-label="Recording"></audio>`
              : ""}
            <span>${recording.status}${recording.duration ? `, ${recording.duration} s` : ""}</span>
            <code class="sid">${recording.sid}</code>
          </li>
        `
      )}
    </ul>
  `;
}
