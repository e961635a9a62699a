/** Starts the page. */

import { html, render } from "htm/preact";
import { App } from "./app.js";
import { reload } from "./stores/everything.js";
import { listenToOpen, openStream } from "./stores/stream.js";

const root = document.getElementById("page");
if (root) render(html`<${App} />`, root);
listenToOpen(reload);
openStream();
