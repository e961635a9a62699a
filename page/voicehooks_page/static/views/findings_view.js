/** What `voicehooks doctor` found, with the command that repairs it. */

import { html } from "htm/preact";
import { CopyButton } from "../parts/copy_button.js";
import { Icon } from "../parts/icon.js";
import { findings } from "../stores/findings.js";

const ICONS = { ok: "check", warning: "warning", error: "cross" };

export function FindingsView() {
  if (!findings.value) return html`<p class="empty quiet">Doctor is checking everything that calls depend on.</p>`;
  if (findings.value.length === 0) return html`<p class="empty quiet">Doctor found nothing to repair.</p>`;
  return html`
    <ul class="findings" aria-label="Findings" tabindex="0">
      ${findings.value.map(({ level, text, command }, index) =>
        html`
          <li key=${index} class="finding-${level}">
            <${Icon} name=${ICONS[level]} label=${level} />
            <span>${text}</span>
            ${command &&
              html`<p><code>${command}</code> <${CopyButton} className="link" text=${() => command}>Copy<//></p>`}
          </li>
        `
      )}
    </ul>
  `;
}
