/** Icons as paths, so that a status is a shape and not only a color. */

import { html } from "htm/preact";

const PATHS = /** @type {Record<string, string>} */ ({
  phone:
    "M5 2.500 6.800 5.400 5.600 6.800a7 7 0 0 0 3.600 3.600l1.400-1.200 2.900 1.800-.7 2.300c-.2.5-.7.8-1.200.7C6.400 13.500 2.500 9.600 2 4.400c-.1-.5.2-1 .7-1.200z",
  bell: "M8 2a4 4 0 0 0-4 4v3l-1.500 2.500h11L12 9V6a4 4 0 0 0-4-4zM6.500 13a1.500 1.500 0 0 0 3 0z",
  check: "M3 8.500 6.500 12 13 4.500",
  cross: "M4 4l8 8M12 4l-8 8",
  warning: "M8 2.500 14.500 13.500H1.500zM8 6.500v3.500M8 11.500v.5",
  record: "M8 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z",
  again: "M13 8a5 5 0 1 1-1.500-3.500M13 2v3h-3",
});
const FILLED = new Set(["phone", "bell", "record"]);

/** @param {{ name: string, label?: string }} props */
export function Icon({ name, label }) {
  return html`
    <svg
      class="icon icon-${name}"
      viewBox="0 0 16 16"
      fill=${FILLED.has(name) ? "currentColor" : "none"}
      stroke=${FILLED.has(name) ? "none" : "currentColor"}
      role=${label ? "img" : "presentation"}
      aria-label=${label}
      aria-hidden=${label ? undefined : "true"}
    >
      <path d=${PATHS[name]} stroke-width="1.500" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  `;
}
