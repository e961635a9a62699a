import { openDatabase } from "../_shared/database.ts";
import { whenDeployed } from "../_shared/deployed.ts";
import type { Settings } from "../_shared/settings.ts";
import { eventsHandler } from "./handler.ts";
import revision from "./revision.json" with { type: "json" };
import settings from "./settings.json" with { type: "json" };

Deno.serve(whenDeployed(
  revision,
  eventsHandler({
    settings: settings as Settings,
    revision: revision.revision,
    tokens: [
      Deno.env.get("VOICEHOOKS_AUTH_TOKEN") ?? "",
      Deno.env.get("VOICEHOOKS_SECONDARY_AUTH_TOKEN") ?? "",
    ],
    database: openDatabase(Deno.env),
  }),
));
