/** What the scripts in this folder share: the sandbox's addresses, clients, and checks by name. */

import { createClient, type SupabaseClient } from "@supabase/supabase-js";

/** The values that `voicehooks-sandbox env --json` prints. */
export const env: Record<string, string> = JSON.parse(Deno.args[0]);

/** A client as an application makes it, with a memory of its own. */
export function client(key = env.supabase_publishable_key, options: Record<string, unknown> = {}): SupabaseClient {
  return createClient(env.supabase_url, key, {
    auth: { autoRefreshToken: false, persistSession: true, storage: memory(), detectSessionInUrl: false },
    ...options,
  });
}

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

/** Fail with both values unless they are equal as JSON. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(sorted(actual)), JSON.stringify(sorted(expected))];
  if (left !== right) throw new Error(`${what}: ${left} instead of ${right}`);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).sort().map(([name, part]) => [name, sorted(part)]));
}

/** The data of an answer; an error of the client fails the check. */
export function data<T>(answer: { data: T; error: unknown }): NonNullable<T> {
  if (answer.error) throw answer.error;
  return answer.data as NonNullable<T>;
}

/** Status, code and message of an error. */
export function error(answer: { error: unknown }): unknown[] {
  const it = answer.error as { status?: number; code?: string; message?: string } | null;
  return [it?.status, it?.code, it?.message];
}

/** Call the control plane. */
export async function control(path: string, body?: unknown): Promise<Record<string, unknown>> {
  const answer = await fetch(`${env.supabase_api_url}/_sandbox/${path}`, {
    method: body === undefined ? "GET" : "POST",
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text ? JSON.parse(text) : {};
}

/** Run SQL as the role that migrations run as. */
export async function sql(query: string): Promise<Record<string, unknown>[]> {
  const answer = await fetch(`${env.supabase_api_url}/v1/projects/${env.supabase_project_ref}/database/query`, {
    method: "POST",
    headers: { authorization: `Bearer ${env.supabase_access_token}`, "content-type": "application/json" },
    body: JSON.stringify({ query }),
  });
  const rows = await answer.json();
  if (!answer.ok) throw new Error(JSON.stringify(rows));
  return rows;
}

/** A promise that settles when `resolve` is called. */
export function event<T = void>(): { arrived: Promise<T>; resolve: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { arrived: promise, resolve };
}
