/** The left column: phones that call, and phones that ring. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { go } from "../address.js";
import { formatNumber } from "../format.js";
import { Action } from "../parts/action.js";
import { addCaller, calledPhones, callerPhones, callers, numbers, removeCaller } from "../stores/phones.js";
import { soundOn } from "../stores/ringtone.js";
import { CallOptions, scenarioOf } from "./call_options.js";
import { Phone } from "./phone.js";

/** @typedef {import("../stores/phones.js").Phone} PhoneState */

const E164 = /^\+[1-9]\d{6,14}$/;

export function Phones() {
  return html`
    <h2 class="visually-hidden">Phones</h2>
    <div class="column-head">
      <h3>Callers</h3>
      <label class="switch">
        <input
          type="checkbox"
          checked=${soundOn.value}
          onChange=${(/** @type {any} */ event) => soundOn.value = event.target.checked}
        />
        Sound
      </label>
    </div>
    ${callerPhones.value.map((phone) => html`<${CallerPhone} key=${phone.number} phone=${phone} />`)}
    <${NewPhone} />
    <div class="column-head">
      <h3>Called phones</h3>
    </div>
    ${calledPhones.value.length === 0 &&
      html`<p class="quiet">The phones that calls are forwarded to appear here, and ring.</p>`}
    ${calledPhones.value.map((phone) => html`<${Phone} key=${phone.number} phone=${phone} />`)}
  `;
}

/** @param {{ phone: PhoneState }} props */
function CallerPhone({ phone }) {
  const [to, setTo] = useState("");
  const [options, setOptions] = useState(/** @type {Record<string, string>} */ ({}));
  const target = to || numbers.value[0]?.phone_number || "";
  const body = { from: phone.number, to: target, ...scenarioOf(options) };
  return html`
    <${Phone} phone=${phone}>
      <div class="phone-actions">
        <select aria-label="Number to call from ${formatNumber(phone.number)}" value=${target}
          onChange=${(/** @type {any} */ event) => setTo(event.target.value)}>
          ${numbers.value.map(({ phone_number: number }) =>
            html`<option key=${number} value=${number}>${formatNumber(number)}</option>`
          )}
        </select>
        <${Action}
          className="primary"
          disabled=${!target}
          request=${{ method: "POST", path: "calls", body }}
          onDone=${(/** @type {{ sid: string }} */ { sid }) => go({ view: "calls", call: sid, request: "" })}
        >Call<//>
      </div>
      <${CallOptions} options=${options} onChange=${setOptions} />
      ${callers.value.length > 1 &&
        html`<button type="button" class="link" onClick=${() => removeCaller(phone.number)}>Remove this phone</button>`}
    <//>
  `;
}

function NewPhone() {
  const [number, setNumber] = useState("");
  const text = number.replace(/[\s()-]/g, "");
  /** @param {SubmitEvent} event */
  const add = (event) => {
    event.preventDefault();
    if (!E164.test(text)) return;
    addCaller(text);
    setNumber("");
  };
  return html`
    <form class="phone-actions" onSubmit=${add}>
      <input
        aria-label="Number of another caller, E.164"
        placeholder="+1 555 010 0002"
        inputmode="tel"
        value=${number}
        onInput=${(/** @type {any} */ event) => setNumber(event.target.value)}
      />
      <button type="submit" disabled=${!E164.test(text)}>Add phone</button>
    </form>
  `;
}
