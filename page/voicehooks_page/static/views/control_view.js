/** The sandbox itself: its faults, clock and snapshots. */

import { html } from "htm/preact";
import { ClockView } from "./clock_view.js";
import { FaultsView } from "./faults_view.js";
import { SnapshotsView } from "./snapshots_view.js";

export function ControlView() {
  return html`
    <div class="panels">
      <${FaultsView} />
      <${ClockView} />
      <${SnapshotsView} />
    </div>
  `;
}
