// Twilio's Event Streams sends summaries of all calls of the account and its errors here. They are stored in tables
// of their own, as proof of the calls whose callbacks did not arrive.

import { type Database, DatabaseError, type StreamResult } from "../_shared/database.ts";
import { type Handler, type LogLine, serve } from "../_shared/serve.ts";
import type { Settings } from "../_shared/settings.ts";
import type { SigningSecrets } from "../_shared/signing_secrets.ts";
import { admitStream, type StreamEvent } from "../_shared/stream_request.ts";

export const SLUG = "twilio-events";
/** Twilio waits 5 s for an answer (Twilio docs, "Event Streams: webhook quickstart"). */
const DATABASE_TIMEOUT_MS = 3500;
/** The type of the event by which a deploy asks which revision answers. Twilio's types begin with `com.twilio`. */
const CHECK = "voicehooks.check";

export interface Dependencies {
  settings: Settings;
  revision: string;
  secrets: SigningSecrets;
  database: Database;
}

/** Returns the function's request handler. */
export function eventsHandler(dependencies: Dependencies): Handler {
  return serve(SLUG, dependencies.revision, (request, line) => respond(request, dependencies, line));
}

/**
 * Twilio sends events again after a 5xx and discards them after a 4xx. So only what Twilio did not sign is refused,
 * and whatever is uncertain is answered with 503.
 */
async function respond(request: Request, dependencies: Dependencies, line: LogLine): Promise<Response> {
  const { settings, secrets, database } = dependencies;
  const admitted = await admitStream(request, settings, SLUG, secrets);
  if ("refused" in admitted) {
    line.reason = admitted.refused;
    return new Response(null, { status: admitted.unsure ? 503 : 403 });
  }
  const { events } = admitted;
  line.kind = "events";
  if (events === null) {
    line.reason = "not an array of events";
    return new Response(null, { status: 503 });
  }
  const nonce = nonceOf(events);
  if (nonce !== null) return await check(nonce, dependencies, line);
  const ours = events.filter((event) => isStorable(event, settings.accountSids));
  line.result = `0 stored, 0 duplicates, ${events.length - ours.length} ignored`;
  if (ours.length === 0) return new Response(null, { status: 204 });
  try {
    const result = await database.storeEvents(ours, DATABASE_TIMEOUT_MS);
    const ignored = (result.ignored ?? 0) + events.length - ours.length;
    line.result = `${result.stored ?? 0} stored, ${result.duplicates ?? 0} duplicates, ${ignored} ignored`;
    return new Response(null, { status: 204 });
  } catch (error) {
    line.reason = reasonOf(error);
    line.result = undefined;
    return new Response(null, { status: 503 });
  }
}

/** Whether an event has an ID and a type, and is about one of our accounts. */
function isStorable({ id, type, data }: StreamEvent, accountSids: string[]): boolean {
  if (typeof id !== "string" || typeof type !== "string" || typeof data !== "object" || data === null) {
    return false;
  }
  const account = (data as { account_sid?: unknown }).account_sid;
  return typeof account === "string" && accountSids.includes(account);
}

function nonceOf(events: StreamEvent[]): string | null {
  const [event] = events;
  return events.length === 1 && event?.type === CHECK && typeof event.id === "string" ? event.id : null;
}

/** A deploy's question: does this revision answer here, and could it store events? Leaves no row. */
async function check(nonce: string, dependencies: Dependencies, line: LogLine): Promise<Response> {
  line.kind = "check";
  const { revision, database } = dependencies;
  let result: StreamResult;
  try {
    result = await database.storeEvents([], DATABASE_TIMEOUT_MS);
  } catch (error) {
    line.reason = reasonOf(error);
    return Response.json({ nonce, revision, error: line.reason }, { status: 503 });
  }
  return Response.json({ nonce, revision, schemaVersion: result.schema_version });
}

/** For the log: an error's own text may quote an event's data, except that of DatabaseError. */
function reasonOf(error: unknown): string {
  return `database: ${
    error instanceof DatabaseError ? error.message : error instanceof Error ? error.name : "unknown"
  }`;
}
