/** Tabs over one panel; arrow keys move between them. */

import { html } from "htm/preact";

/**
 * @param {object} props
 * @param {string} props.label
 * @param {Record<string, string>} props.tabs name by id
 * @param {string} props.selected
 * @param {(id: string) => void} props.onSelect
 * @param {string} props.panel id of the panel's element
 */
export function Tabs({ label, tabs, selected, onSelect, panel }) {
  const ids = Object.keys(tabs);
  /** @param {KeyboardEvent} event */
  const onKeyDown = (event) => {
    const step = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowLeft: -1 })[event.key];
    if (!step) return;
    event.preventDefault();
    const next = (ids.indexOf(selected) + step + ids.length) % ids.length;
    onSelect(ids[next]);
    const buttons = /** @type {HTMLElement} */ (event.currentTarget).querySelectorAll("button");
    buttons[next].focus();
  };
  return html`
    <div class="tabs" role="tablist" aria-label=${label} onKeyDown=${onKeyDown}>
      ${ids.map((id) =>
        html`
          <button
            type="button"
            role="tab"
            key=${id}
            id="${panel}-${id}"
            aria-selected=${id === selected}
            aria-controls=${panel}
            tabindex=${id === selected ? 0 : -1}
            onClick=${() => onSelect(id)}
          >
            ${tabs[id]}
          </button>
        `
      )}
    </div>
  `;
}
