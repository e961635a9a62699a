/** The account's numbers: what each does with a call, in one line. */

import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { go } from "../address.js";
import { formatNumber } from "../format.js";
import { Action } from "../parts/action.js";
import { CopyButton } from "../parts/copy_button.js";
import { readOnly } from "../stores/about.js";
import { callers, loadNumbers, numbers } from "../stores/phones.js";

export function NumbersView() {
  useEffect(() => {
    loadNumbers();
  }, []);
  if (numbers.value.length === 0) return html`<p class="empty quiet">The account has no numbers.</p>`;
  return html`
    <div class="table-scroller" tabindex="0" role="region" aria-label="Numbers">
      <table class="numbers">
        <thead>
          <tr>
            <th scope="col">Number</th>
            <th scope="col">Route</th>
            <th scope="col"><span class="visually-hidden">Actions</span></th>
          </tr>
        </thead>
        <tbody>
          ${numbers.value.map(({ phone_number: number, friendly_name: name, route, updated }) =>
            html`
              <tr key=${number}>
                <th scope="row">${formatNumber(number)}<br /><span class="quiet">${name !== number
                  ? name
                  : ""}</span></th>
                <td>${route || html`<span class="quiet">No voice URL: a caller hears an error.</span>`}
                  ${updated && html`<br /><span class="quiet">changed ${updated}</span>`}</td>
                <td>
                  <div class="buttons">
                  ${!readOnly.value && html`
                    <${Action}
                      request=${{
                        method: "POST",
                        path: "calls",
                        body: { from: callers.value[0], to: number, ringSeconds: null, talkSeconds: null },
                      }}
                      onDone=${(/** @type {{ sid: string }} */ { sid }) =>
                        go({ view: "calls", call: sid, request: "" })}
                    >Call<//>
                  `}
                  <${CopyButton} text=${() => number}>Copy<//></div>
                </td>
              </tr>
            `
          )}
        </tbody>
      </table>
    </div>
  `;
}
