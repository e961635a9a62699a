// deno-lint-ignore-file no-console

import { type Database, DatabaseError, type StreamResult } from "../_shared/database.ts";
import { eventsHandler } from "../twilio-events/handler.ts";
import type { Settings } from "../_shared/settings.ts";
import { assertEquals } from "./assert.ts";
import { settingsWith, signatureOf, TOKEN } from "./samples.ts";

const ACCOUNT = "AC5a4db0c55a4db0c55a4db0c55a4db0c5";
const BASE = "https://abc.supabase.co/functions/v1/twilio-events";
const EVENT = {
  id: "EZ1",
  type: "com.twilio.voice.insights.call-summary.partial",
  data: { account_sid: ACCOUNT },
};

interface Options {
  /** In place of the hash of the body, in the URL. */
  query?: (hash: string) => string;
  store?: (events: unknown[]) => Promise<StreamResult>;
  method?: string;
  path?: string;
  /** Null: without a header. */
  signature?: string | null;
  changes?: Partial<Settings>;
}

/** Sends a body, signed with its hash; returns the answer, what was stored and the line of the log. */
async function send(body: string, options: Options = {}) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body));
  const hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const query = options.query?.(hash) ?? `?bodySHA256=${hash}`;
  const signed = query.toLowerCase().includes("bodysha256=")
    ? query
    : `${query}${query === "" ? "?" : "&"}bodySHA256=${hash}`;
  const stored: unknown[][] = [];
  const store = options.store ??
    ((events) => Promise.resolve({ result: events.length > 0 ? "stored" : "checked" } as StreamResult));
  const database = {
    storeEvents: (events: unknown[]) => (stored.push(events), store(events)),
  } as unknown as Database;
  const handler = eventsHandler({
    settings: settingsWith({}, options.changes),
    revision: "r7",
    secrets: { tokens: [TOKEN], keys: new Map() },
    database,
  });
  const path = options.path ?? "twilio-events";
  const signature = options.signature === undefined
    ? await signatureOf(BASE.replace("twilio-events", path) + signed)
    : options.signature;
  const headers: Record<string, string> = signature === null ? {} : { "x-twilio-signature": signature };
  const method = options.method ?? "POST";
  let line: Record<string, unknown> = {};
  const log = console.log;
  console.log = (text: string) => line = JSON.parse(text);
  try {
    const answer = await handler(
      new Request(`http://inside/${path}${query}`, { method, headers, body: method === "GET" ? null : body }),
    );
    return { status: answer.status, text: await answer.text(), stored, line };
  } finally {
    console.log = log;
  }
}

Deno.test("the hash of the body may be anywhere in the signed address, in either case, or only signed", async () => {
  const queries: ((hash: string) => string)[] = [
    (hash) => `?bodySHA256=${hash.toUpperCase()}`,
    (hash) => `?x=1&bodySHA256=${hash}&y=2`,
    () => "",
    () => "?x=1",
  ];
  for (const query of queries) {
    const { status, stored } = await send(JSON.stringify([EVENT]), { query });
    assertEquals([status, stored], [204, [[EVENT]]]);
  }
  const other = await send(JSON.stringify([EVENT]), { query: () => `?bodySHA256=${"0".repeat(64)}` });
  assertEquals([other.status, other.stored, other.line.reason], [403, [], "body hash"]);
});

Deno.test("only a POST to this function or its candidate is read", async () => {
  const body = JSON.stringify([EVENT]);
  assertEquals((await send(body, { path: "twilio-events-candidate" })).status, 204);
  for (const options of [{ path: "twilio-webhook" }, { path: "twilio-events/more" }, { method: "PUT" }]) {
    const { status, text, stored } = await send(body, options);
    assertEquals([options, status, text, stored], [options, 403, "", []]);
  }
  for (const signature of ["", null]) assertEquals((await send(body, { signature })).status, 403);
  // What a key may sign that is not deployed yet is sent again.
  const unsure = await send(body, { changes: { signature: "key-only" } });
  assertEquals([unsure.status, unsure.stored, unsure.line.reason], [503, [], "signed by the auth token"]);
});

Deno.test("of a batch the events of our accounts are stored, and the others are counted", async () => {
  const foreign = { ...EVENT, data: { account_sid: `AC${"9".repeat(32)}` } };
  const odd = [
    foreign,
    { ...EVENT, id: 5 },
    { ...EVENT, type: null },
    { id: "EZ2", type: "x" },
    { ...EVENT, data: null },
    { ...EVENT, data: "x" },
    { ...EVENT, data: { account_sid: [ACCOUNT] } },
  ];
  const store = () => Promise.resolve({ result: "stored", stored: 1, duplicates: 2, ignored: 3 } as const);

  const mixed = await send(JSON.stringify([...odd, EVENT]), { store });
  assertEquals([mixed.status, mixed.stored], [204, [[EVENT]]]);
  assertEquals(mixed.line.result, `1 stored, 2 duplicates, ${3 + odd.length} ignored`);
  const none = await send(JSON.stringify(odd));
  assertEquals([none.status, none.stored, none.line.result], [
    204,
    [],
    `0 stored, 0 duplicates, ${odd.length} ignored`,
  ]);
});

Deno.test("what cannot be read or stored yet is sent again, and nothing of it is counted", async () => {
  for (const body of ["", "{}", "[null]", "[[]]", "[7]", "not JSON"]) {
    const { status, stored, line } = await send(body);
    assertEquals([body, status, stored, line.reason], [body, 503, [], "not an array of events"]);
  }
  for (
    const [error, reason] of [[new DatabaseError("timeout"), "timeout"], [
      new TypeError("+1555"),
      "TypeError",
    ]]
  ) {
    const { status, line } = await send(JSON.stringify([EVENT]), { store: () => Promise.reject(error) });
    assertEquals([status, line.reason, line.result], [503, `database: ${reason}`, undefined]);
  }
});

Deno.test("a NUL and half a surrogate pair are replaced, also in a key", async () => {
  const strange = { ...EVENT, data: { account_sid: ACCOUNT, "a\0": ["\ud800", { "\udc00": "x\0" }] } };

  const { stored } = await send(JSON.stringify([strange]));

  assertEquals(stored[0], [
    { ...EVENT, data: { account_sid: ACCOUNT, "a\ufffd": ["\ufffd", { "\ufffd": "x\ufffd" }] } },
  ]);
});

Deno.test("a deploy's check names the revision and the schema, and fails where nothing could be stored", async () => {
  const check = { id: "n1", type: "voicehooks.check" };
  const store = () => Promise.resolve({ result: "checked", schema_version: "20261201" } as const);

  const good = await send(JSON.stringify([check]), { store });
  assertEquals([good.status, JSON.parse(good.text), good.stored], [
    200,
    { nonce: "n1", revision: "r7", schemaVersion: "20261201" },
    [[]],
  ]);
  const bad = await send(JSON.stringify([check]), {
    store: () => Promise.reject(new DatabaseError("timeout")),
  });
  assertEquals([bad.status, JSON.parse(bad.text)], [
    503,
    { nonce: "n1", revision: "r7", error: "database: timeout" },
  ]);
  // Among events of Twilio it is not a check.
  const among = await send(JSON.stringify([check, EVENT]));
  assertEquals([among.status, among.stored], [204, [[EVENT]]]);
});
