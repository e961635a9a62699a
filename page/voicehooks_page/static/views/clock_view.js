/** How fast calls go by. */

import { html } from "htm/preact";
import { Action } from "../parts/action.js";
import { clock, loadClock } from "../stores/clock.js";

const FACTORS = /** @type {(number | "max")[]} */ ([1, 5, 20, "max"]);
const DAY = 86_400;

export function ClockView() {
  const { factor, now } = clock.value;
  return html`
    <section class="panel" aria-label="Clock">
      <h2>Clock</h2>
      <p>Calls run ${factor === "max"
        ? "as fast as this machine can"
        : factor === 1
        ? "in real time"
        : `${factor} times as fast`}.
        ${now && html`
          ${" "}The sandbox's date is ${new Date(now * 1000).toLocaleString()}.
        `}</p>
      <div class="buttons">
        ${FACTORS.map((choice) =>
          html`
            <${Action}
              key=${choice}
              className=${choice === factor ? "primary" : ""}
              request=${{ method: "POST", path: "clock", body: { factor: choice } }}
              onDone=${loadClock}
            >${choice === "max" ? "As fast as possible" : `x${choice}`}<//>
          `
        )}
        <${Action} request=${{ method: "POST", path: "clock", body: { advanceSeconds: DAY } }} onDone=${loadClock}>
          Make everything a day older
        <//>
      </div>
    </section>
  `;
}
