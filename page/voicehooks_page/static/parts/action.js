/** A button that makes a request, shows which one, and shows the server's sentence if it is refused. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { ApiError, send, shownRequest } from "../api.js";

/** @typedef {import("../api.js").ApiRequest} ApiRequest */

/**
 * @param {object} props
 * @param {ApiRequest} props.request
 * @param {import("preact").ComponentChildren} props.children
 * @param {(answer: any) => unknown} [props.onDone]
 * @param {string} [props.className]
 * @param {string} [props.label] for screen readers, where the text alone is not clear
 * @param {boolean} [props.disabled]
 */
export function Action({ request, children, onDone, className = "", label, disabled = false }) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const show = () => shownRequest.value = request;
  const run = async () => {
    show();
    setBusy(true);
    try {
      const answer = await send(request);
      setError("");
      await onDone?.(answer);
    } catch (problem) {
      setError(problem instanceof ApiError ? problem.message : "The server does not answer.");
    } finally {
      setBusy(false);
    }
  };
  return html`
    <button
      type="button"
      class=${className}
      aria-label=${label}
      aria-disabled=${busy}
      disabled=${disabled}
      onClick=${run}
      onFocus=${show}
      onPointerEnter=${show}
    >
      ${children}
    </button>
    ${error && html`<p class="problem" role="alert">${error}</p>`}
  `;
}
