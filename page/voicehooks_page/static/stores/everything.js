/** Reads everything that the page shows, at its start and after the server was gone. */

import { loadAbout, readOnly } from "./about.js";
import { loadAccount } from "./account.js";
import { loadCalls } from "./calls.js";
import { loadClock } from "./clock.js";
import { loadFaults } from "./faults.js";
import { loadFindings } from "./findings.js";
import { loadMails } from "./mails.js";
import { loadNumbers } from "./phones.js";
import { reloadStory } from "./story.js";

export async function reload() {
  await loadAbout();
  const ofEach = [loadCalls(), loadNumbers(), reloadStory()];
  const ofSandbox = readOnly.value ? [loadFindings()] : [loadAccount(), loadClock(), loadFaults(), loadMails()];
  await Promise.allSettled([...ofEach, ...ofSandbox]);
}
