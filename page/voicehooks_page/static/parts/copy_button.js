/** A button that copies a text. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";

const SHOWN_MS = 1500;

/**
 * @param {object} props
 * @param {() => string} props.text
 * @param {import("preact").ComponentChildren} props.children
 * @param {string} [props.className]
 */
export function CopyButton({ text, children, className = "" }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text());
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return html`
    <button type="button" class=${className} onClick=${copy}>${copied ? "Copied" : children}</button>
  `;
}
