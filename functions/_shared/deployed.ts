// Detects a function that was deployed from the repository without an environment's settings.

import type { Handler } from "./serve.ts";
import type { Revision } from "./settings.ts";

/** The revision in the repository. A deploy by Pulumi replaces it and the settings. */
const PLACEHOLDER = "placeholder";

/** Returns the handler, or, if the settings are placeholders, one that answers 503 and says what to do. */
export function whenDeployed({ revision }: Revision, handler: Handler): Handler {
  if (revision !== PLACEHOLDER) return handler;
  const error =
    "This function was deployed without the settings of an environment. Deploy it with: pulumi up";
  return () => Promise.resolve(Response.json({ error, code: "not-deployed" }, { status: 503 }));
}
