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
}

export interface IngestResult {
  result: "stored" | "duplicate" | "checked" | "reserved" | "limited";
  schema_version?: string;
  id?: string;
  retry_after?: number;
}

/** The database did not commit, or not in time. `message` is for logs and holds no data of the call. */
export class DatabaseError extends Error {
  override name = "DatabaseError";
}

export interface Database {
  /** Calls `ingest_twilio_webhook` and waits for its commit, at most `timeoutMs`. Throws DatabaseError. */
  ingest(event: IngestEvent, timeoutMs: number): Promise<IngestResult>;
}

/** The secret key of the project: new projects have a JSON dictionary of keys, older ones a JWT. */
export function secretKey(environment: { get(name: string): string | undefined }): string {
  return named(environment.get("SUPABASE_SECRET_KEYS")) ?? environment.get("SUPABASE_SERVICE_ROLE_KEY") ?? "";
}

/** The publishable key of the project, or the legacy anon key. */
export function publishableKey(environment: { get(name: string): string | undefined }): string {
  return named(environment.get("SUPABASE_PUBLISHABLE_KEYS")) ?? environment.get("SUPABASE_ANON_KEY") ?? "";
}

function named(dictionary: string | undefined): string | undefined {
  if (!dictionary) return undefined;
  try {
    return JSON.parse(dictionary).default;
  } catch {
    return undefined;
  }
}

/** The ingest function of a project. New secret keys go into `apikey` alone: they are no JWTs. */
export function openDatabase(supabaseUrl: string, key: string): Database {
  const url = `${supabaseUrl}/rest/v1/rpc/ingest_twilio_webhook`;
  const headers: Record<string, string> = { "apikey": key, "content-type": "application/json" };
  if (key.startsWith("ey")) headers.authorization = `Bearer ${key}`;
  return {
    async ingest(event, timeoutMs) {
      let response: Response;
      let text: string;
      try {
        const signal = AbortSignal.timeout(timeoutMs);
        response = await fetch(url, { method: "POST", headers, body: JSON.stringify(event), signal });
        text = await response.text();
      } catch (error) {
        throw new DatabaseError(
          error instanceof Error && error.name === "TimeoutError" ? "timeout" : "unreachable",
        );
      }
      if (response.status !== 200) {
        throw new DatabaseError(`status ${response.status} ${errorCode(text)}`.trim());
      }
      try {
        return JSON.parse(text) as IngestResult;
      } catch {
        throw new DatabaseError("answer is no JSON");
      }
    },
  };
}

/** PostgREST's error code (`PGRST202`, `42501`, ...); its message may quote a call's data and stays out of logs. */
function errorCode(text: string): string {
  try {
    const code = JSON.parse(text).code;
    return typeof code === "string" ? code : "";
  } catch {
    return "";
  }
}
