// The database, through PostgREST: one request for each call of a function. supabase-js would do the same, and cost
// a cold start the time to load it.

import type { Params } from "./form.ts";

/** The argument of `ingest_twilio_webhook`; see the migration that defines it. */
export interface IngestEvent {
  kind: string;
  path?: string;
  params?: Params;
  /** The row that place-call reserved. */
  place?: string;
  /** Whether a NUL in the parameters was replaced by U+FFFD. */
  nul_replaced?: boolean;
  user_id?: string;
  limit?: number;
  environment_limit?: number;
}

/** `quarantined`: stored, but not merged into the call's row yet. */
const RESULTS = ["stored", "duplicate", "quarantined", "checked", "reserved", "limited"] as const;

export interface IngestResult {
  result: typeof RESULTS[number];
  schema_version?: string;
  id?: string;
  retry_after?: number;
  /** The limit that was reached. */
  scope?: "user" | "environment";
}

export interface RecordingRow {
  recording_sid: string;
  call_sid: string;
  account_sid: string;
  status: string;
}

/** What a user may know of a call's first leg, and what decides who is on it. */
export interface CallRow {
  call_sid: string;
  parent_call_sid: string | null;
  account_sid: string;
  direction: string | null;
  from_number: string | null;
  to_number: string | null;
  dial_number: string | null;
  agent_first: boolean | null;
  ended_at: string | null;
}

/** The arguments of `reserve_twilio_transfer`; see the migration that defines it. */
export interface TransferRequest {
  call_sid: string;
  account_sid: string;
  request_id: string;
  target: string;
  user_id: string;
  per_minute: number;
  per_minute_in_all: number;
}

export type TransferReservation =
  | { result: "reserved" | "duplicate"; event_key: string }
  | { result: "limited"; scope: "user" | "environment"; retry_after: number };

/** What became of events of Event Streams; `checked` for none. */
export interface StreamResult {
  result: "stored" | "checked";
  schema_version?: string;
  stored?: number;
  duplicates?: number;
  /** Events of types that are not stored. */
  ignored?: number;
}

/** One event's result among many; `error` is the SQLSTATE of an event that was not stored. */
export type ResultOrError = IngestResult | { error: string };

/** The database did not answer as it should, or not in time. `message` is for logs and holds no data of the call. */
export class DatabaseError extends Error {
  override name = "DatabaseError";
  /** @param status The HTTP status, 0 if there was no answer. */
  constructor(message: string, readonly status = 0) {
    super(message);
  }
}

/** All methods throw DatabaseError and wait at most `timeoutMs`. */
export interface Database {
  /** Calls `ingest_twilio_webhook` with the secret key and waits for its commit. */
  ingest(event: IngestEvent, timeoutMs: number): Promise<IngestResult>;
  /** Calls `ingest_twilio_webhooks` with the JSON of several events; the results in their order. */
  ingestMany(events: string[], timeoutMs: number): Promise<ResultOrError[]>;
  /** Whether the database accepts a user's token: only the database has the key that signed it. */
  isValidUser(token: string, timeoutMs: number): Promise<boolean>;
  /** A recording's row, if the user of this token may read it. */
  recordingFor(token: string, recordingSid: string, timeoutMs: number): Promise<RecordingRow | null>;
  /** A call leg's row, if the user of this token may read it. */
  callFor(token: string, callSid: string, timeoutMs: number): Promise<CallRow | null>;
  /** Counts a transfer against the limits and stores it, unless its request id is known. */
  reserveTransfer(request: TransferRequest, timeoutMs: number): Promise<TransferReservation>;
  /** Calls `ingest_twilio_stream_events` with the secret key and waits for its commit. */
  storeEvents(events: unknown[], timeoutMs: number): Promise<StreamResult>;
  /** Forgets a transfer that Twilio refused. */
  releaseTransfer(eventKey: string, timeoutMs: number): Promise<void>;
}

const CALL_COLUMNS =
  "call_sid,parent_call_sid,account_sid,direction,from_number,to_number,dial_number,agent_first,ended_at";

interface Environment {
  get(name: string): string | undefined;
}

/** The project's database, from the variables that Supabase sets for every function. */
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
      const request = { method: "POST", headers: ingestHeaders, body };
      const answer = await ask<IngestResult | null>(ingestUrl, request, timeoutMs);
      // A success of something else, such as a proxy, has stored nothing.
      if (!isResult(answer)) throw new DatabaseError("unexpected answer");
      return answer;
    },
    async ingestMany(events, timeoutMs) {
      const request = { method: "POST", headers: ingestHeaders, body: `{"events":[${events.join()}]}` };
      const answer = await ask<ResultOrError[] | null>(`${ingestUrl}s`, request, timeoutMs);
      if (!Array.isArray(answer) || answer.length !== events.length || !answer.every(isResultOrError)) {
        throw new DatabaseError("unexpected answer");
      }
      return answer;
    },
    async isValidUser(token, timeoutMs) {
      try {
        await askRows(`${base}/twilio_calls?select=id&limit=0`, { headers: asUser(token) }, timeoutMs);
      } catch (error) {
        // 403: a valid user who may not read this table.
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
      const [row] = await askRows<RecordingRow>(url, { headers: asUser(token) }, timeoutMs);
      if (row === undefined) return null;
      if (row?.recording_sid !== recordingSid) throw new DatabaseError("unexpected answer");
      return row;
    },
    async callFor(token, callSid, timeoutMs) {
      const url = `${base}/twilio_calls?call_sid=eq.${callSid}&select=${CALL_COLUMNS}`;
      const [row] = await askRows<CallRow>(url, { headers: asUser(token) }, timeoutMs);
      if (row === undefined) return null;
      if (row?.call_sid !== callSid) throw new DatabaseError("unexpected answer");
      return row;
    },
    async reserveTransfer(transfer, timeoutMs) {
      const request = { method: "POST", headers: ingestHeaders, body: JSON.stringify(transfer) };
      const url = `${base}/rpc/reserve_twilio_transfer`;
      const answer = await ask<TransferReservation | null>(url, request, timeoutMs);
      if (!["reserved", "duplicate", "limited"].includes(answer?.result ?? "")) {
        throw new DatabaseError("unexpected answer");
      }
      return answer!;
    },
    async storeEvents(events, timeoutMs) {
      const request = { method: "POST", headers: ingestHeaders, body: JSON.stringify({ events }) };
      const url = `${base}/rpc/ingest_twilio_stream_events`;
      const answer = await ask<StreamResult | null>(url, request, timeoutMs);
      const expected = events.length === 0 ? "checked" : "stored";
      if (answer?.result !== expected) throw new DatabaseError("unexpected answer");
      return answer;
    },
    async releaseTransfer(eventKey, timeoutMs) {
      const request = { method: "POST", headers: ingestHeaders, body: JSON.stringify({ key: eventKey }) };
      await ask(`${base}/rpc/release_twilio_transfer`, request, timeoutMs);
    },
  };
}

/** New secret keys go into `apikey` alone: they are not JWTs. Legacy keys are, and go into both. */
function keyHeaders(key = ""): Record<string, string> {
  return key.startsWith("ey") ? { apikey: key, authorization: `Bearer ${key}` } : { apikey: key };
}

/** The key named "default" in a JSON object of keys. */
function named(environment: Environment, variable: string): string | undefined {
  try {
    return JSON.parse(environment.get(variable) ?? "{}").default;
  } catch {
    return undefined;
  }
}

function isResult(answer: Partial<IngestResult> | null): answer is IngestResult {
  return RESULTS.some((result) => result === answer?.result);
}

function isResultOrError(
  answer: Partial<IngestResult> & { error?: unknown } | null,
): answer is ResultOrError {
  return typeof answer?.error === "string" || isResult(answer);
}

async function askRows<T>(url: string, init: RequestInit, timeoutMs: number): Promise<T[]> {
  const rows = await ask<T[]>(url, init, timeoutMs);
  if (!Array.isArray(rows)) throw new DatabaseError("unexpected answer");
  return rows;
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
  let answer: T & { code?: unknown } | null;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new DatabaseError(`status ${response.status}, not JSON`, response.status);
  }
  if (response.ok) return answer as T;
  // PostgREST's message may quote a call's data, so only its code is logged.
  const code = typeof answer?.code === "string" ? ` ${answer.code}` : "";
  throw new DatabaseError(`status ${response.status}${code}`, response.status);
}
