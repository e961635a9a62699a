// Who may place calls, and end or transfer them.

import { Problem } from "./browser.ts";
import type { Callers } from "./settings.ts";
import type { User } from "./user.ts";

/**
 * Throws Problem if this user may not place calls: anonymous users may not, nor users without the claim that the
 * settings name.
 */
export function checkCaller(user: User, callers: Callers | null | undefined): void {
  if (user.anonymous) {
    throw new Problem(403, "user", "Only a signed-in user may place calls; anonymous users may not.");
  }
  if (!callers?.claim) return;
  const claim = Object.hasOwn(user.appMetadata, callers.claim) ? user.appMetadata[callers.claim] : undefined;
  const values: unknown[] = Array.isArray(claim) ? claim : [claim];
  if (!values.some((value) => (callers.anyOf as unknown[]).includes(value))) {
    const sentence =
      `You may not place calls: your account does not have the "${callers.claim}" that is needed.`;
    throw new Problem(403, "claim", sentence);
  }
}
