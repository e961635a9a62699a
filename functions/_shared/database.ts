// The database, through PostgREST: one request a call of a function.

import type { Params } from "./form.ts";

/** What `ingest_twilio_webhook` takes; see the migration that defines it. */
export interface IngestEvent {
  kind: string;
  path?: string;
  params?: Params;
  /** The row that place-call reserved. */
  place?: string;
  user_id?: string;
  limit?: number;
  environment_limit?: number;
}

export interface IngestResult {
  result: "stored" | "duplicate" | "checked" | "reserved" | "limited";
  schema_version?: string;
  id?: string;
  retry_after?: number;
  /** Whose limit it was. */
  scope?: "user" | "environment";
}

export interface RecordingRow {
  recording_sid: string;
  call_sid: string;
  account_sid: string;
  status: string;
}

/** The database did not do it, or not in time. `message` is for logs and holds no data of the call. */
export class DatabaseError extends Error {
  override name = "DatabaseError";
  /** @param status The HTTP status, 0 if there was no answer. */
  constructor(message: string, readonly status = 0) {
    super(message);
  }
}

/** All methods throw DatabaseError and wait for `timeoutMs` at most. */
export interface Database {
  /** Calls `ingest_twilio_webhook` with the secret key and waits for its commit. */
  ingest(event: IngestEvent, timeoutMs: number): Promise<IngestResult>;
  /** Whether the database takes a user's token: only it knows the key that signed it. */
  knows(token: string, timeoutMs: number): Promise<boolean>;
  /** A recording's row, if the user of this token may read it. */
  recordingFor(token: string, recordingSid: string, timeoutMs: number): Promise<RecordingRow | null>;
}

interface Environment {
  get(name: string): string | undefined;
}

/** The project's database, by the variables that Supabase sets for every function. */
export function openDatabase(environment: Environment): Database {
  const base = `${environment.get("SUPABASE_URL") ?? ""}/rest/v1`;
  const secret = keyHeaders(
    named(environment, "SUPABASE_SECRET_KEYS") ?? environment.get("SUPABASE_SERVICE_ROLE_KEY"),
  );
  const publishable = named(environment, "SUPABASE_PUBLISHABLE_KEYS") ??
    environment.get("SUPABASE_ANON_KEY") ?? "";
  const asUser = (token: string) => ({ apikey: publishable, authorization: `Bearer ${token}` });
  const ingestUrl = `${base}/rpc/ingest_twilio_webhook`;
  const ingestHeaders = { ...secret, "content-type": "application/json" };
  return {
    async ingest(event, timeoutMs) {
      const body = JSON.stringify(event);
      return await ask<IngestResult>(ingestUrl, { method: "POST", headers: ingestHeaders, body }, timeoutMs);
    },
    async knows(token, timeoutMs) {
      try {
        await ask(`${base}/twilio_calls?select=id&limit=0`, { headers: asUser(token) }, timeoutMs);
      } catch (error) {
        // 403: a valid user, who may not read this table.
        if (error instanceof DatabaseError && (error.status === 401 || error.status === 403)) {
          return error.status === 403;
        }
        throw error;
      }
      return true;
    },
    async recordingFor(token, recordingSid, timeoutMs) {
      const query = `recording_sid=eq.${recordingSid}&select=recording_sid,call_sid,account_sid,status`;
      const url = `${base}/twilio_recordings?${query}`;
      return (await ask<RecordingRow[]>(url, { headers: asUser(token) }, timeoutMs))[0] ?? null;
    },
  };
}

/** New secret keys go into `apikey` alone: they are no JWTs. Legacy keys are, and go into both. */
function keyHeaders(key = ""): Record<string, string> {
  return key.startsWith("ey") ? { apikey: key, authorization: `Bearer ${key}` } : { apikey: key };
}

/** The key named "default" of a JSON dictionary of keys. */
function named(environment: Environment, variable: string): string | undefined {
  try {
    return JSON.parse(environment.get(variable) ?? "{}").default;
  } catch {
    return undefined;
  }
}

async function ask<T>(url: string, init: RequestInit, timeoutMs: number): Promise<T> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    text = await response.text();
  } catch (error) {
    throw new DatabaseError(
      error instanceof Error && error.name === "TimeoutError" ? "timeout" : "unreachable",
    );
  }
  let answer: T & { code?: unknown };
  try {
    answer = JSON.parse(text);
  } catch {
    throw new DatabaseError(`status ${response.status}, no JSON`, response.status);
  }
  if (response.ok) return answer;
  // PostgREST's message may quote a call's data and stays out of the log; its code does not.
  const code = typeof answer?.code === "string" ? ` ${answer.code}` : "";
  throw new DatabaseError(`status ${response.status}${code}`, response.status);
}
