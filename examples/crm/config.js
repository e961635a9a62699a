// The project that this page uses. `make crm` serves the running sandbox's values in place of this file.
export const config = {
  url: "https://<reference>.supabase.co",
  key: "<publishable key>",
  /** A user to fill in at sign-in, for the sandbox only. */
  demo: { email: "", password: "" },
};
