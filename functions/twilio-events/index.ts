import { openDatabase } from "../_shared/database.ts";
import { whenDeployed } from "../_shared/deployed.ts";
import type { Settings } from "../_shared/settings.ts";
import { signingSecrets } from "../_shared/signing_secrets.ts";
import { eventsHandler } from "./handler.ts";
import revision from "./revision.json" with { type: "json" };
import settings from "./settings.json" with { type: "json" };

Deno.serve(whenDeployed(
  revision,
  eventsHandler({
    settings: settings as Settings,
    revision: revision.revision,
    secrets: signingSecrets(Deno.env),
    database: openDatabase(Deno.env),
  }),
));
