/** The page: header, three columns, and the line at the bottom. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { go, place } from "./address.js";
import { listenToKeys } from "./keyboard.js";
import { RequestLine } from "./parts/request_line.js";
import { readOnly } from "./stores/about.js";
import { calledPhones } from "./stores/phones.js";
import { CallsView } from "./views/calls_view.js";
import { ControlView } from "./views/control_view.js";
import { FindingsView } from "./views/findings_view.js";
import { FunctionsView } from "./views/functions_view.js";
import { Header } from "./views/header.js";
import { Help } from "./views/help.js";
import { MailView } from "./views/mail_view.js";
import { NumbersView } from "./views/numbers_view.js";
import { Phones } from "./views/phones.js";
import { RequestList } from "./views/request_list.js";
import { RequestView } from "./views/request.js";
import { TablesView } from "./views/tables_view.js";

const VIEWS = /** @type {Record<string, () => any>} */ ({
  calls: CallsView,
  requests: RequestList,
  tables: TablesView,
  numbers: NumbersView,
  functions: FunctionsView,
  control: ControlView,
  mail: MailView,
  findings: FindingsView,
});
const WITH_REQUEST = new Set(["calls", "requests"]);

export function App() {
  const [help, setHelp] = useState(false);
  useEffect(() => listenToKeys(() => setHelp(true)), []);
  const { view, pane, request } = place.value;
  const View = VIEWS[view] ?? CallsView;
  const withRequest = WITH_REQUEST.has(view);
  return html`
    <${Header} onHelp=${() => setHelp(true)} />
    <${Panes} withRequest=${withRequest} />
    <main class="columns pane-${pane} ${withRequest ? "" : "without-request"} ${request ? "request-open" : ""}">
      ${!readOnly.value && html`
        <aside class="column phones" aria-label="Phones">
          <${Phones} />
        </aside>
      `}
      <section class="column main" aria-label="Main"><${View} /></section>
      ${withRequest && html`
        <section class="column request" aria-label="Request">
          <${RequestView} />
        </section>
      `}
    </main>
    <${RequestLine} />
    <${Help} open=${help} onClose=${() => setHelp(false)} />
  `;
}

/** The columns of a narrow window, of which it shows one. @param {{ withRequest: boolean }} props */
function Panes({ withRequest }) {
  const ringing = calledPhones.value.some((phone) => phone.state === "ringing");
  const panes = [
    ...(readOnly.value ? [] : [["phones", ringing ? "Phones: ringing" : "Phones"]]),
    ["main", "Calls"],
    ...(withRequest ? [["request", "Request"]] : []),
  ];
  return html`
    <nav class="panes" aria-label="Columns">
      ${panes.map(([id, title]) =>
        html`<button type="button" key=${id} aria-pressed=${place.value.pane === id} onClick=${() =>
          go({ pane: id })}>${title}</button>`
      )}
    </nav>
  `;
}
