/** What the parties of the next call do; by default nothing, because a person plays them. */

import { html } from "htm/preact";

const OUTCOMES = {
  "": "I answer the called phones myself",
  answered: "Answered after 2 s, 5 s of conversation",
  busy: "Busy",
  "no-answer": "Nobody answers",
  failed: "Failed",
  canceled: "The caller hangs up first",
};

/**
 * @param {object} props
 * @param {Record<string, string>} props.options
 * @param {(options: Record<string, string>) => void} props.onChange
 */
export function CallOptions({ options, onChange }) {
  /** @param {string} name @returns {(event: any) => void} */
  const set = (name) => (event) => onChange({ ...options, [name]: event.target.value });
  return html`
    <details class="call-options">
      <summary>What happens</summary>
      <label>Called phones
        <select value=${options.scenario ?? ""} onChange=${set("scenario")}>
          ${Object.entries(OUTCOMES).map(([value, text]) => html`<option key=${value} value=${value}>${text}</option>`)}
        </select>
      </label>
      <label>Seconds that I speak into a recording
        <input type="number" min="0" max="3600" value=${options.recordSeconds ?? "5"} onInput=${set("recordSeconds")} />
      </label>
      <label>Keys for menus, separated by commas
        <input placeholder="1, 42#" value=${options.keys ?? ""} onInput=${set("keys")} />
      </label>
    </details>
  `;
}

/**
 * The scenario of the control plane.
 *
 * @param {Record<string, string>} options
 */
export function scenarioOf({ scenario, recordSeconds, keys }) {
  const gather = (keys ?? "").split(",").map((digits) => digits.trim()).filter((digits) => /^[0-9*#]+$/.test(digits));
  return {
    ...(scenario ? { scenario } : { ringSeconds: null, talkSeconds: null }),
    ...(recordSeconds ? { recordSeconds: Number(recordSeconds) } : {}),
    ...(gather.length > 0 ? { gather: gather.map((digits) => ({ digits })) } : {}),
  };
}
