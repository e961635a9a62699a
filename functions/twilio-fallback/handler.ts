// Twilio sends a request here when the webhook itself gave no usable answer: the call is connected all the same,
// without a database. Only requests that Twilio signed are answered.

import { parseFallback } from "../_shared/callback.ts";
import { type Handler, type LogLine, serve } from "../_shared/serve.ts";
import type { Settings } from "../_shared/settings.ts";
import type { SigningSecrets } from "../_shared/signing_secrets.ts";
import { twimlForFallback } from "../_shared/twiml_for_request.ts";
import { admit } from "../_shared/twilio_request.ts";

export const SLUG = "twilio-fallback";

export interface Dependencies {
  settings: Settings;
  revision: string;
  /** What may sign Twilio's requests. */
  secrets: SigningSecrets;
}

/** Returns the function's request handler. */
export function fallbackHandler(dependencies: Dependencies): Handler {
  return serve(SLUG, dependencies.revision, (request, line) => respond(request, dependencies, line));
}

async function respond(request: Request, dependencies: Dependencies, line: LogLine): Promise<Response> {
  const { settings, revision, secrets } = dependencies;
  const admitted = await admit(request, settings, SLUG, secrets);
  if ("refused" in admitted) {
    line.reason = admitted.refused;
    return new Response(null, { status: 403 });
  }
  if (admitted.nonce !== null) {
    line.kind = "check";
    return Response.json({ nonce: admitted.nonce, revision });
  }
  const voiceRequest = parseFallback(admitted.params);
  line.kind = voiceRequest.kind;
  line.call_sid = voiceRequest.callSid;
  if (voiceRequest.errorCode) line.reason = `Twilio error ${voiceRequest.errorCode}`;
  const document = twimlForFallback(voiceRequest, settings);
  return new Response(document, { status: 200, headers: { "content-type": "text/xml; charset=utf-8" } });
}
