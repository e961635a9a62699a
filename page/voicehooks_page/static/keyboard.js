/** Keys that work anywhere on the page, except while typing. */

import { go, place } from "./address.js";
import { send } from "./api.js";
import { readOnly } from "./stores/about.js";
import { callers, numbers } from "./stores/phones.js";
import { requests } from "./stores/story.js";

/** @param {() => void} onHelp */
export function listenToKeys(onHelp) {
  addEventListener("keydown", (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea, dialog, .phone")) {
      return;
    }
    switch (event.key) {
      case "?":
        onHelp();
        break;
      case "/":
        document.getElementById("filter")?.focus();
        break;
      case "j":
        selectRequest(1);
        break;
      case "k":
        selectRequest(-1);
        break;
      case "c":
        callFirstNumber();
        break;
      default:
        return;
    }
    event.preventDefault();
  });
}

/** @param {1 | -1} step */
function selectRequest(step) {
  const list = requests.value;
  const index = list.findIndex((request) => String(request.id) === place.value.request);
  const next = list[index < 0 ? 0 : Math.min(list.length - 1, Math.max(0, index + step))];
  if (next) go({ request: String(next.id) });
}

async function callFirstNumber() {
  const number = numbers.value[0]?.phone_number;
  if (readOnly.value || !number) return;
  const body = { from: callers.value[0], to: number, ringSeconds: null, talkSeconds: null };
  const { sid } = await send({ method: "POST", path: "calls", body });
  go({ view: "calls", call: sid, request: "" });
}
