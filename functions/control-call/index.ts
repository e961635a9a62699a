import { openDatabase } from "../_shared/database.ts";
import { whenDeployed } from "../_shared/deployed.ts";
import type { Settings } from "../_shared/settings.ts";
import { twilioAccount } from "../_shared/twilio_api.ts";
import { controlCallHandler } from "./handler.ts";
import revision from "./revision.json" with { type: "json" };
import settings from "./settings.json" with { type: "json" };

Deno.serve(whenDeployed(
  revision,
  controlCallHandler({
    settings: settings as Settings,
    revision: revision.revision,
    database: openDatabase(Deno.env),
    account: twilioAccount(settings as Settings, Deno.env),
  }),
));
