/** The keys. */

import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";

const KEYS = {
  "?": "Show these keys",
  "/": "Filter the list",
  "j, k": "Next and previous request of the call",
  "c": "Call the first number from the first phone",
  "Arrow keys": "In a list or in tabs: the next or previous one",
  "Space or Enter": "At a phone that rings: answer",
  "Escape": "At a phone that rings: decline",
  "0 to 9, *, #": "At a phone that talks: press a key",
};

/** @param {{ open: boolean, onClose: () => void }} props */
export function Help({ open, onClose }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    if (open) dialog.current?.showModal();
  }, [open]);
  if (!open) return null;
  return html`
    <dialog ref=${dialog} class="help" aria-label="Keys" onClose=${onClose}>
      <h2>Keys</h2>
      <dl class="parameters">
        ${Object.entries(KEYS).map(([key, text]) =>
          html`
            <div key=${key}>
              <dt>${key}</dt>
              <dd>${text}</dd>
            </div>
          `
        )}
      </dl>
      <form method="dialog"><button>Close</button></form>
    </dialog>
  `;
}
