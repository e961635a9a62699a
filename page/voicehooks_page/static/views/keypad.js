/** The keys of a phone. */

import { html } from "htm/preact";

const KEYS = [..."123456789*0#"];

/**
 * @param {object} props
 * @param {boolean} props.lit whether a `<Gather>` waits for keys
 * @param {(digit: string) => void} props.onPress
 */
export function Keypad({ lit, onPress }) {
  return html`
    <div class="keypad ${lit ? "keypad-lit" : ""}" role="group" aria-label="Keypad">
      ${KEYS.map((digit) => html`<button type="button" key=${digit} onClick=${() => onPress(digit)}>${digit}</button>`)}
    </div>
  `;
}
