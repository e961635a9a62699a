/** An answer as it was sent; XML is indented for reading. */

import { html } from "htm/preact";
import { Parameters } from "./parameters.js";

/** @param {{ headers: Record<string, string>, body: string }} props */
export function Body({ headers, body }) {
  return html`
    <${Parameters} params=${headers} />
    ${body
      ? html`<pre class="code">${body.trimStart().startsWith("<") ? indented(body) : body}</pre>`
      : html`<p class="quiet">The answer has no body.</p>`}
  `;
}

/** @param {string} xml */
function indented(xml) {
  let depth = 0;
  return xml.replace(/>\s*</g, ">\n<").split("\n").map((line) => {
    if (line.startsWith("</")) depth -= 1;
    const text = "  ".repeat(Math.max(0, depth)) + line;
    if (/^<[^/?!][^>]*[^/]>$/.test(line)) depth += 1;
    return text;
  }).join("\n");
}
