import { config } from "./config.js";
import { actionButton, element } from "./element.js";
import { supabase } from "./session.js";

/** The sign-in page. On the sandbox its user is filled in. */
export function signInPage() {
  const email = field("email", "Email", config.demo.email, "username");
  const password = field("password", "Password", config.demo.password, "current-password");
  async function signIn() {
    const { error } = await supabase.auth.signInWithPassword({
      email: email.value,
      password: password.value,
    });
    if (error) throw new Error(`${error.message}.`);
  }
  return element(
    "main.sign-in",
    {},
    element(
      "form",
      {},
      element("h1", {}, "Sign in"),
      element("p", {}, "Call your leads and take their calls."),
      email.label,
      password.label,
      actionButton("primary", "Sign in", signIn, { type: "submit" }),
    ),
  );
}

/** @param {string} type @param {string} label @param {string} value @param {string} autocomplete */
function field(type, label, value, autocomplete) {
  const input =
    /** @type {HTMLInputElement} */ (element("input", { type, value, autocomplete, required: true }));
  return {
    label: element("label", {}, label, input),
    get value() {
      return input.value;
    },
  };
}
