/** One phone: it calls, or it rings and can be answered; while it talks it has a keypad. */

import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { go } from "../address.js";
import { send } from "../api.js";
import { formatNumber, formatTimer } from "../format.js";
import { Action } from "../parts/action.js";
import { Icon } from "../parts/icon.js";
import { rootOf } from "../stores/calls.js";
import { now } from "../stores/now.js";
import { spoken } from "../stores/phones.js";
import { Keypad } from "./keypad.js";

/** @typedef {import("../stores/phones.js").Phone} PhoneState */

const WORDS = { idle: "", calling: "Calling...", ringing: "Ringing...", talking: "" };

/**
 * @param {object} props
 * @param {PhoneState} props.phone
 * @param {import("preact").ComponentChildren} [props.children] what an idle phone offers
 */
export function Phone({ phone, children }) {
  const { number, leg, state, since } = phone;
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  const [refusal, setRefusal] = useState("");

  useEffect(() => {
    // A phone that rings takes the keyboard only if nothing else has it.
    if (state === "ringing" && document.activeElement === document.body) element.current?.focus();
    setRefusal("");
  }, [state, leg?.sid]);

  /** @param {string} what @param {unknown} [body] */
  const act = async (what, body) => {
    try {
      if (leg) await send({ method: "POST", path: `calls/${leg.sid}/${what}`, ...(body ? { body } : {}) });
      setRefusal("");
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    if (event.target !== element.current) return;
    if (state === "ringing" && (event.key === " " || event.key === "Enter")) act("answer");
    else if (state === "ringing" && event.key === "Escape") act("decline");
    else if (leg?.status === "in-progress" && /^[0-9*#]$/.test(event.key)) act("digits", { digits: event.key });
    else return;
    event.preventDefault();
  };

  const heard = leg && spoken.value[leg.sid];
  const listens = heard?.gather ?? false;
  return html`
    <section
      class="phone phone-${state}"
      aria-label="Phone ${formatNumber(number)}"
      tabindex=${leg ? 0 : undefined}
      ref=${element}
      onKeyDown=${onKeyDown}
    >
      <div class="phone-head">
        <${Icon} name=${state === "ringing" ? "bell" : "phone"} />
        <span class="number">${formatNumber(number)}</span>
        <span class="phone-state" role="status">
          ${state === "talking" ? `Connected ${formatTimer((now.value - since) / 1000)}` : WORDS[state]}
        </span>
      </div>
      ${heard?.verb === "Say" && html`<p class="bubble" title="What <Say> says">${heard.text}</p>`}
      ${heard?.verb === "Record" && html`<p class="bubble"><${Icon} name="record" /> Recording what you say</p>`}
      ${leg && html`
        <div class="phone-actions">
          ${state === "ringing"
            ? html`
              <${Action} className="good" request=${command(leg.sid, "answer")}>Answer<//>
              <${Action} request=${command(leg.sid, "decline")}>Decline<//>
            `
            : html`<${Action} className="bad" request=${command(leg.sid, "hang-up")}>Hang up<//>`}
          <button type="button" class="link" onClick=${() =>
            go({ view: "calls", call: rootOf(leg.sid), request: "", pane: "main" })}>
            Show call
          </button>
        </div>
      `}
      ${leg?.status === "in-progress" &&
        html`<${Keypad} lit=${listens} onTurn=${(/** @type {object} */ turn) => act("digits", turn)} />`}
      ${refusal && html`<p class="problem" role="alert">${refusal}</p>`}
      ${!leg && children}
    </section>
  `;
}

/** @param {string} sid @param {string} what */
function command(sid, what) {
  return { method: "POST", path: `calls/${sid}/${what}` };
}
