import { openDatabase } from "../_shared/database.ts";
import { whenDeployed } from "../_shared/deployed.ts";
import type { Settings } from "../_shared/settings.ts";
import { voiceTokenHandler } from "./handler.ts";
import revision from "./revision.json" with { type: "json" };
import settings from "./settings.json" with { type: "json" };

Deno.serve(whenDeployed(
  revision,
  voiceTokenHandler({
    settings: settings as Settings,
    revision: revision.revision,
    database: openDatabase(Deno.env),
    key: {
      sid: Deno.env.get("VOICEHOOKS_SOFTPHONE_KEY_SID") ?? "",
      secret: Deno.env.get("VOICEHOOKS_SOFTPHONE_KEY_SECRET") ?? "",
    },
  }),
));
