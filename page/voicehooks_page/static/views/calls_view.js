/** The first view: all calls, and the selected one below. */

import { html } from "htm/preact";
import { CallList } from "./call_list.js";
import { CallView } from "./call.js";

export function CallsView() {
  return html`
    <div class="calls-view">
      <div class="calls-top">
        <${CallList} />
      </div>
      <div class="calls-bottom">
        <${CallView} />
      </div>
    </div>
  `;
}
