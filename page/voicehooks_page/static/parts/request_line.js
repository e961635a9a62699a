/** The line at the bottom: the request that the button makes that is pointed at, as a command to copy. */

import { html } from "htm/preact";
import { asCurl, shownRequest } from "../api.js";
import { readOnly } from "../stores/about.js";
import { CopyButton } from "./copy_button.js";

export function RequestLine() {
  if (readOnly.value) return null;
  const request = shownRequest.value;
  if (!request) {
    return html`
      <footer class="request-line">
        <span class="quiet">Point at a button to see the request that it makes.</span>
        <a href="openapi.json">API</a>
      </footer>
    `;
  }
  const path = new URL(request.path, document.baseURI).pathname;
  return html`
    <footer class="request-line">
      <code>${request.method} ${path}${request.body === undefined ? "" : ` ${JSON.stringify(request.body)}`}</code>
      <${CopyButton} className="link" text=${() => asCurl(request)}>Copy as curl<//>
      <a href="openapi.json">API</a>
    </footer>
  `;
}
