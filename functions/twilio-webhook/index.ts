import { combining } from "../_shared/combining.ts";
import { openDatabase } from "../_shared/database.ts";
import { whenDeployed } from "../_shared/deployed.ts";
import type { Settings } from "../_shared/settings.ts";
import { signingSecrets } from "../_shared/signing_secrets.ts";
import { webhookHandler } from "./handler.ts";
import revision from "./revision.json" with { type: "json" };
import settings from "./settings.json" with { type: "json" };

const { combineCallbacks } = settings as Settings;
const database = openDatabase(Deno.env);

Deno.serve(whenDeployed(
  revision,
  webhookHandler({
    settings: settings as Settings,
    revision: revision.revision,
    secrets: signingSecrets(Deno.env),
    database: combineCallbacks ? combining(database) : database,
  }),
));
