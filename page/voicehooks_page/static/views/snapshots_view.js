/** Saved states of the sandbox. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { getOptional } from "../api.js";
import { Action } from "../parts/action.js";
import { reload } from "../stores/everything.js";

/** @typedef {{ folder: string, snapshots: { name: string, saved?: string }[] }} Snapshots */

export function SnapshotsView() {
  const [answer, setAnswer] = useState(/** @type {Snapshots} */ ({ folder: "", snapshots: [] }));
  const [name, setName] = useState("");
  const load = async () => setAnswer(await getOptional("snapshots") ?? { folder: "", snapshots: [] });
  useEffect(() => {
    load();
  }, []);
  return html`
    <section class="panel" aria-label="Snapshots">
      <h2>Snapshots</h2>
      <div class="buttons">
        <label>Name
          <input value=${name} placeholder="before-demo" onInput=${(/** @type {any} */ event) =>
            setName(event.target.value)} />
        </label>
        <${Action} disabled=${!name} request=${{
          method: "POST",
          path: "snapshots",
          body: { save: name },
        }} onDone=${load}>Save<//>
      </div>
      ${answer.snapshots.length === 0
        ? html`<p class="quiet">Nothing is saved. A snapshot holds Twilio's half and the rows of all tables.</p>`
        : html`
          <ul class="lines">
            ${answer.snapshots.map((snapshot) =>
              html`
                <li key=${snapshot.name}>
                  <span>${snapshot.name}</span>
                  <${Action} request=${{
                    method: "POST",
                    path: "snapshots",
                    body: { load: snapshot.name },
                  }} onDone=${reload}>Load<//>
                </li>
              `
            )}
          </ul>
          <p class="quiet">They are files in ${answer.folder}.</p>
        `}
      <h3>Reset</h3>
      <${Action} request=${{
        method: "POST",
        path: "reset",
        body: { only: "calls" },
      }} onDone=${reload}>Delete all calls<//>
    </section>
  `;
}
