/** The project's Edge Functions: versions, secrets by name, and logs as they are written. */

import { html } from "htm/preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { getOptional } from "../api.js";
import { listen } from "../stores/stream.js";

/** @typedef {import("../types.js").EdgeFunction} EdgeFunction */
/** @typedef {import("../types.js").LogLine} LogLine */

const KEPT = 500;

export function FunctionsView() {
  const [answer, setAnswer] = useState(/** @type {{ functions: EdgeFunction[], secrets: string[] } | null} */ (null));
  const [slug, setSlug] = useState("");
  useEffect(() => {
    getOptional("functions").then((read) => setAnswer(read ?? { functions: [], secrets: [] }));
  }, []);
  if (!answer) return null;
  if (answer.functions.length === 0) return html`<p class="empty quiet">No function is deployed.</p>`;
  const shown = slug || (answer.functions.find((one) => one.slug === "twilio-webhook") ?? answer.functions[0]).slug;
  return html`
    <div class="functions">
      <table>
        <thead>
          <tr>
            <th scope="col">Function</th>
            <th scope="col">Version</th>
            <th scope="col">Status</th>
          </tr>
        </thead>
        <tbody>
          ${answer.functions.map((each) =>
            html`
              <tr key=${each.slug} aria-current=${each.slug === shown ? "true" : undefined}>
                <th scope="row"><button type="button" class="link" onClick=${() => setSlug(each.slug)}>${each
                  .slug}</button></th>
                <td>${each.version}</td>
                <td>${each.status ?? ""}</td>
              </tr>
            `
          )}
        </tbody>
      </table>
      <p><span class="quiet">Secrets:</span> ${answer.secrets.length > 0 ? answer.secrets.join(", ") : "none"}</p>
      <${Log} key=${shown} slug=${shown} />
    </div>
  `;
}

/** @param {{ slug: string }} props */
function Log({ slug }) {
  const [lines, setLines] = useState(/** @type {LogLine[]} */ ([]));
  const list = useRef(/** @type {HTMLOListElement | null} */ (null));
  useEffect(() => list.current?.scrollTo(0, list.current.scrollHeight), [lines]);
  useEffect(() => {
    getOptional(`functions/${slug}/logs`).then((answer) => setLines((answer?.lines ?? []).slice(-KEPT)));
    return listen("function-log", (line) => {
      if (line.slug === slug) setLines((present) => [...present, line].slice(-KEPT));
    });
  }, []);
  return html`
    <h3>Log of ${slug}</h3>
    <ol class="log code" tabindex="0" ref=${list} aria-label="Log of ${slug}">
      ${lines.map((line, index) =>
        html`<li key=${line.id ?? index} class="log-${line.level ?? "info"}">${line.text}</li>`
      )}
    </ol>
    ${lines.length === 0 && html`<p class="quiet">This function has not logged anything.</p>`}
  `;
}
