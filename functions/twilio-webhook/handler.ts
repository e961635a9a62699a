// Every request that Twilio sends about a call arrives here: it is validated, stored and answered.

import { type Kind, parse, wantsTwiml } from "../_shared/callback.ts";
import { type Database, DatabaseError, type IngestResult } from "../_shared/database.ts";
import { type Handler, type LogLine, serve } from "../_shared/serve.ts";
import type { Settings } from "../_shared/settings.ts";
import type { SigningSecrets } from "../_shared/signing_secrets.ts";
import { twimlForRequest } from "../_shared/twiml_for_request.ts";
import { admit, type TwilioRequest } from "../_shared/twilio_request.ts";

/** A live call waits for its TwiML, so the answer takes at most 1.5 s, whatever the database does. */
const TWIML_WAIT_MS = 1200;
/** A callback that is not committed by then gets 503, so that four attempts fit into Twilio's 15 s. */
const DATABASE_TIMEOUT_MS = 2500;

export interface Dependencies {
  settings: Settings;
  revision: string;
  /** What may sign Twilio's requests. */
  secrets: SigningSecrets;
  database: Database;
}

/** Supabase keeps a worker alive for these promises after the answer; plain Deno does not have this. */
declare const EdgeRuntime: { waitUntil(promise: Promise<unknown>): void } | undefined;

/** Returns the function's request handler. */
export function webhookHandler(dependencies: Dependencies): Handler {
  return serve(
    "twilio-webhook",
    dependencies.revision,
    (request, line) => respond(request, dependencies, line),
  );
}

async function respond(request: Request, dependencies: Dependencies, line: LogLine): Promise<Response> {
  const { settings, secrets } = dependencies;
  const admitted = await admit(request, settings, settings.functionName, secrets);
  if ("refused" in admitted) {
    line.reason = admitted.refused;
    return new Response(null, { status: 403 });
  }
  if (admitted.nonce !== null) return await check(admitted.nonce, dependencies, line);

  const callback = parse(admitted.params);
  line.kind = callback.kind;
  line.call_sid = callback.callSid;
  const stored = store(callback.kind, admitted, dependencies, line);
  if (!wantsTwiml(callback)) {
    return new Response(null, { status: await stored ? 204 : 503 });
  }
  const document = twimlForRequest(callback, settings, carriedOn(admitted.query));
  if (await firstOf(stored, TWIML_WAIT_MS) === "late") {
    line.reason = "database late";
    if (typeof EdgeRuntime !== "undefined") EdgeRuntime.waitUntil(stored);
  }
  return new Response(document, { status: 200, headers: { "content-type": "text/xml; charset=utf-8" } });
}

/** Stores the request; returns false if the commit is not certain. Never throws. */
async function store(
  kind: Kind,
  request: TwilioRequest,
  dependencies: Dependencies,
  line: LogLine,
): Promise<boolean> {
  const event = {
    kind,
    path: request.query,
    params: request.params,
    place: reservationOf(request.query),
    nul_replaced: request.nulReplaced || undefined,
  };
  try {
    line.result = (await dependencies.database.ingest(event, DATABASE_TIMEOUT_MS)).result;
    return true;
  } catch (error) {
    line.reason = reasonOf(error);
    return false;
  }
}

/** Waits for a promise, at most `ms`. */
async function firstOf<T>(promise: Promise<T>, ms: number): Promise<T | "late"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => timer = setTimeout(() => resolve("late"), ms));
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A deploy's question: does this revision answer here, and could it store a callback? Leaves no row. */
async function check(nonce: string, dependencies: Dependencies, line: LogLine): Promise<Response> {
  line.kind = "check";
  let result: IngestResult;
  try {
    result = await dependencies.database.ingest({ kind: "check" }, DATABASE_TIMEOUT_MS);
  } catch (error) {
    line.reason = reasonOf(error);
    return Response.json({ nonce, revision: dependencies.revision, error: line.reason }, { status: 503 });
  }
  return Response.json({ nonce, revision: dependencies.revision, schemaVersion: result.schema_version });
}

/** For the log: an error's own text may quote the call's data, except that of DatabaseError. */
function reasonOf(error: unknown): string {
  return `database: ${
    error instanceof DatabaseError ? error.message : error instanceof Error ? error.name : "unknown"
  }`;
}

const RESERVATION = /[?&]place=([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=&|$)/;

/** The id of the row that place-call reserved for this call: every URL of the call carries it. */
function reservationOf(query: string): string | undefined {
  return RESERVATION.exec(query)?.[1];
}

/** The part of a query string that the call's next requests also have. */
function carriedOn(query: string): string {
  const reservationId = reservationOf(query);
  return reservationId === undefined ? "" : `?place=${reservationId}`;
}
