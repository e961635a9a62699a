/** The keys of a phone, and what a person says to a `<Gather>` that listens to speech. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";

const KEYS = [..."123456789*0#"];

/**
 * @param {object} props
 * @param {boolean} props.lit whether a `<Gather>` listens
 * @param {(turn: { digits: string } | { speech: string }) => void} props.onTurn
 */
export function Keypad({ lit, onTurn }) {
  const [speech, setSpeech] = useState("");
  /** @param {SubmitEvent} event */
  const say = (event) => {
    event.preventDefault();
    onTurn({ speech });
    setSpeech("");
  };
  return html`
    <div class="keypad ${lit ? "keypad-lit" : ""}" role="group" aria-label="Keypad">
      ${KEYS.map((digits) =>
        html`<button type="button" key=${digits} onClick=${() => onTurn({ digits })}>${digits}</button>`
      )}
    </div>
    ${lit && html`
      <form class="phone-actions" onSubmit=${say}>
        <input aria-label="What I say" placeholder="Say something" value=${speech} onInput=${(
          /** @type {any} */ event,
        ) => setSpeech(event.target.value)} />
        <button type="submit" disabled=${!speech}>Say</button>
      </form>
    `}
  `;
}
