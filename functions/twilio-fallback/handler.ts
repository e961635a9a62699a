// Twilio asks here when the webhook itself gave no usable answer: the call is connected all the same, without
// a database. Only what Twilio signed is answered.

import { fallbackAnswer } from "../_shared/answers.ts";
import { valueOf } from "../_shared/form.ts";
import { log, type LogLine } from "../_shared/log.ts";
import type { Settings } from "../_shared/settings.ts";
import { admit } from "../_shared/twilio_request.ts";

export const SLUG = "twilio-fallback";

export interface Dependencies {
  settings: Settings;
  revision: string;
  /** Auth tokens that may have signed: primary, then secondary (or ""). */
  tokens: string[];
}

/** Makes the function's request handler. */
export function fallbackHandler(dependencies: Dependencies): (request: Request) => Promise<Response> {
  return async (request) => {
    const started = performance.now();
    const line: LogLine = { function: SLUG, revision: dependencies.revision, status: 500, ms: 0 };
    const response = await respond(request, dependencies, line);
    line.status = response.status;
    line.ms = Math.round(performance.now() - started);
    log(line);
    return response;
  };
}

async function respond(request: Request, dependencies: Dependencies, line: LogLine): Promise<Response> {
  const { settings, revision, tokens } = dependencies;
  const admitted = await admit(request, settings, SLUG, tokens);
  if ("refused" in admitted) {
    line.reason = admitted.refused;
    return new Response(null, { status: 403 });
  }
  if (admitted.nonce !== null) {
    line.kind = "check";
    return Response.json({ nonce: admitted.nonce, revision });
  }
  line.kind = "fallback";
  line.call_sid = valueOf(admitted.params, "CallSid") || undefined;
  const errorCode = valueOf(admitted.params, "ErrorCode");
  if (/^\d{5}$/.test(errorCode)) line.reason = `Twilio error ${errorCode}`;
  const document = fallbackAnswer(admitted.params, settings);
  return new Response(document, { status: 200, headers: { "content-type": "text/xml; charset=utf-8" } });
}
