/** The mails that Auth would have sent. */

import { html } from "htm/preact";
import { mails } from "../stores/mails.js";

export function MailView() {
  if (mails.value.length === 0) {
    return html`<p class="empty quiet">Auth has sent no mail. Codes and links of sign-ups and resets appear here.</p>`;
  }
  return html`
    <ul class="mails">
      ${mails.value.toReversed().map((mail, index) =>
        html`
          <li key=${index} class="panel">
            <h3>${mail.subject ?? mail.type ?? "Mail"} <span class="quiet">to ${mail.to}</span></h3>
            <dl class="parameters">
              ${Object.entries(mail).filter(([name, value]) => !["to", "subject"].includes(name) && value).map((
                [name, value],
              ) =>
                html`
                  <div key=${name}>
                    <dt>${name}</dt>
                    <dd>${linked(String(value))}</dd>
                  </div>
                `
              )}
            </dl>
          </li>
        `
      )}
    </ul>
  `;
}

/** @param {string} value */
function linked(value) {
  return /^https?:\/\/\S+$/.test(value) ? html`<a href=${value} target="_blank" rel="noreferrer">${value}</a>` : value;
}
