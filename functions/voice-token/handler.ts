// Twilio's access token for the softphone of a signed-in user who may place calls.

import { Problem } from "../_shared/browser.ts";
import { callerFunction } from "../_shared/caller_requests.ts";
import type { Database } from "../_shared/database.ts";
import type { Handler } from "../_shared/serve.ts";
import type { Settings } from "../_shared/settings.ts";
import { accessToken, identityOf, LIFETIME_SECONDS, type SigningKey } from "./access_token.ts";

export interface Dependencies {
  settings: Settings;
  revision: string;
  database: Database;
  key: SigningKey;
}

const UNDONE = { certain: "No token was issued", uncertain: "no token was issued" };

/** Returns the function's request handler. */
export function voiceTokenHandler(dependencies: Dependencies): Handler {
  return callerFunction("voice-token", dependencies, UNDONE, async ({ user }) => {
    const { key, settings } = dependencies;
    if (key.sid === "" || key.secret === "") {
      throw new Problem(
        503,
        "no-key",
        "This environment has no API key for softphones: set softphoneApiKeySid.",
      );
    }
    const identity = identityOf(user.id);
    const now = Math.floor(Date.now() / 1000);
    const token = await accessToken(key, settings.accountSids[0] ?? "", identity, now);
    return { status: 200, body: { token, identity, expiresIn: LIFETIME_SECONDS } };
  });
}
