// A function that was deployed from the repository as it is, without the settings of an environment.

import type { Handler } from "./serve.ts";
import type { Revision } from "./settings.ts";

/** The revision in the repository; a deploy by Pulumi replaces it, and the settings with it. */
const PLACEHOLDER = "placeholder";

/** Returns the handler, or one that answers 503 and says what to do where the settings are placeholders. */
export function whenDeployed({ revision }: Revision, handler: Handler): Handler {
  if (revision !== PLACEHOLDER) return handler;
  const error =
    "This function was deployed without the settings of an environment. Deploy it with: pulumi up";
  return () => Promise.resolve(Response.json({ error, code: "not-deployed" }, { status: 503 }));
}
