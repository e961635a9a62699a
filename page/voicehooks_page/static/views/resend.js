/** Sends a request again: as it was, changed, or with a wrong signature or none. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { go } from "../address.js";
import { Action } from "../parts/action.js";
import { sign } from "../signature.js";
import { authToken } from "../stores/account.js";

/** @typedef {import("../types.js").WebhookRequest} WebhookRequest */

/** @param {{ webhook_request: WebhookRequest | null }} answer */
const showSent = ({ webhook_request: sent }) => sent && go({ request: String(sent.id) });

/** @param {{ request: WebhookRequest }} props */
export function Resend({ request }) {
  const [editing, setEditing] = useState(false);
  const path = `webhook-requests/${request.id}/resend`;
  return html`
    <${Action} request=${{ method: "POST", path, body: {} }} onDone=${showSent}>Resend<//>
    <button type="button" aria-expanded=${editing} onClick=${() => setEditing(!editing)}>Edit</button>
    <${Action} request=${{ method: "POST", path, body: { signature: "wrong" } }} onDone=${showSent}>Wrong signature<//>
    <${Action} request=${{ method: "POST", path, body: { signature: "none" } }} onDone=${showSent}>No signature<//>
    ${editing && html`<${Editor} request=${request} path=${path} />`}
  `;
}

/** @param {{ request: WebhookRequest, path: string }} props */
function Editor({ request, path }) {
  const [params, setParams] = useState(request.params);
  const [name, setName] = useState("");
  const [digest, setDigest] = useState("");
  useEffect(() => {
    if (authToken.value) sign(authToken.value, { ...request, params }).then(setDigest);
  }, [params]);
  const removed = Object.keys(request.params).filter((key) => !(key in params));
  const changed = Object.entries(params).filter(([key, value]) => request.params[key] !== value);
  const body = { params: Object.fromEntries([...changed, ...removed.map((key) => [key, null])]) };
  /** @param {string} key @param {string} value */
  const set = (key, value) => setParams({ ...params, [key]: value });
  /** @param {string} key */
  const remove = (key) => setParams(Object.fromEntries(Object.entries(params).filter(([other]) => other !== key)));
  return html`
    <form class="editor" onSubmit=${(/** @type {Event} */ event) => event.preventDefault()}>
      ${Object.entries(params).filter(([key, value]) => value !== "" || key in body.params).map(([key, value]) =>
        html`
          <div key=${key} class=${key in body.params ? "changed" : ""}>
            <label>${key} <input value=${value} onInput=${(/** @type {any} */ event) =>
              set(key, event.target.value)} /></label>
            <button type="button" class="link" aria-label="Remove ${key}" onClick=${() => remove(key)}>Remove</button>
          </div>
        `
      )}
      <div>
        <label>Another parameter
          <input value=${name} placeholder="StirVerstat" onInput=${(/** @type {any} */ event) =>
            setName(event.target.value)} />
        </label>
        <button type="button" disabled=${!name} onClick=${() => (set(name, " "), setName(""))}>Add</button>
      </div>
      ${digest && html`<p class="quiet">Signature: <code data-testid="digest">${digest}</code></p>`}
      <${Action} className="primary" request=${{ method: "POST", path, body }} onDone=${showSent}>Send<//>
    </form>
  `;
}
