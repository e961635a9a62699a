/**
 * Makes an element. A property that starts with "on" is a listener; null, undefined and false are left out.
 * @param {string} name "button", or with classes "button.primary"
 * @param {Record<string, any>} [properties]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElement}
 */
export function element(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const made = document.createElement(tag ?? "div");
  made.classList.add(...classes);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/**
 * A button that is disabled while its action runs, and shows the sentence of an error next to it.
 * @param {string} name
 * @param {string} label
 * @param {() => unknown} act
 */
export function actionButton(name, label, act, properties = {}) {
  const problem = element("span.problem", { role: "alert" });
  const button = element(`button.${name}`, {
    type: "button",
    ...properties,
    onclick: async (/** @type {Event} */ event) => {
      event.preventDefault();
      problem.textContent = "";
      button.setAttribute("disabled", "");
      try {
        await act();
      } catch (error) {
        problem.textContent = /** @type {Error} */ (error).message;
      }
      button.removeAttribute("disabled");
    },
  }, label);
  return element("span.action", {}, button, problem);
}

/**
 * A number for reading: +1 555 000 1111.
 * @param {string | null} number
 */
export function readable(number) {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number ?? "");
  return parts ? `+1 ${parts.slice(1).join(" ")}` : number ?? "Unknown";
}

/**
 * A time as in a list, with the exact one as its title.
 * @param {string | null} time
 */
export function ago(time) {
  if (time === null) return element("span", {}, "");
  const date = new Date(time);
  const minutes = Math.floor((Date.now() - date.getTime()) / 60_000);
  const text = minutes < 1
    ? "just now"
    : minutes < 60
    ? `${minutes} min ago`
    : minutes < 1440
    ? `${Math.floor(minutes / 60)} h ago`
    : date.toLocaleDateString();
  return element("time", { datetime: time, title: date.toLocaleString() }, text);
}
