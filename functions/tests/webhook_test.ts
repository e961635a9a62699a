// deno-lint-ignore-file no-console

import {
  type Database,
  DatabaseError,
  type IngestEvent,
  type IngestResult,
  openDatabase,
} from "../_shared/database.ts";
import { signedTexts } from "../_shared/signature.ts";
import { webhookHandler } from "../twilio-webhook/handler.ts";
import { assertEquals, assertIncludes, assertNot } from "./assert.ts";
import { AGENT, incoming, settingsWith, signatureOf, TOKEN, WEBHOOK } from "./samples.ts";

const BASE = {
  AccountSid: "AC5a4db0c55a4db0c55a4db0c55a4db0c5",
  CallSid: "CA" + "1".repeat(32),
  ApiVersion: "2010-04-01",
};
const VOICE = incoming(BASE);
const STATUS = { ...VOICE, CallStatus: "completed", CallbackSource: "call-progress-events" };

/** A request as Twilio signs it. */
async function signed(params: Record<string, string | string[]>, query = ""): Promise<Request> {
  const body = new URLSearchParams(Object.entries(params) as [string, string][]);
  const [text = ""] = signedTexts(WEBHOOK + query, [...body]);
  const headers = { "x-twilio-signature": await signatureOf(text) };
  return new Request(`http://inside/twilio-webhook${query}`, { method: "POST", headers, body });
}

function handlerWith(ingest: () => Promise<IngestResult>) {
  const database = { ingest } as unknown as Database;
  return webhookHandler({
    settings: settingsWith({}),
    revision: "r1",
    secrets: { tokens: [TOKEN], keys: new Map() },
    database,
  });
}

/** What a handler logs in the meantime. */
async function logged(act: () => Promise<unknown>): Promise<Record<string, unknown>> {
  let line = {};
  const log = console.log;
  console.log = (text: string) => line = JSON.parse(text);
  try {
    await act();
  } finally {
    console.log = log;
  }
  return line;
}

Deno.test("the log names the call, the kind, what became of the row, and no text of an error", async () => {
  const CallSid = BASE.CallSid;
  const cases: [() => Promise<IngestResult>, Record<string, unknown>][] = [
    [() => Promise.resolve({ result: "duplicate" }), { result: "duplicate" }],
    [() => Promise.reject(new DatabaseError("status 500 XX000")), { reason: "database: status 500 XX000" }],
    [() => Promise.reject(new TypeError("+15550001111")), { reason: "database: TypeError" }],
    [() => Promise.reject("+15550001111"), { reason: "database: unknown" }],
  ];
  for (const [ingest, noted] of cases) {
    const request = await signed(STATUS);
    const { kind, call_sid, result, reason } = await logged(() => handlerWith(ingest)(request));
    assertEquals({ kind, call_sid, result, reason }, {
      kind: "status",
      call_sid: CallSid,
      result: undefined,
      reason: undefined,
      ...noted,
    });
  }
  const late = await signed(VOICE);
  const line = await logged(() => handlerWith(() => new Promise(() => {}))(late));
  assertEquals([line.kind, line.reason, line.status], ["voice", "database late", 200]);
});

Deno.test("a forger learns nothing, and TwiML is XML", async () => {
  const stored = () => Promise.resolve({ result: "stored" } as IngestResult);
  const forged = await signed(VOICE);
  forged.headers.set("x-twilio-signature", await signatureOf("something else"));

  const refused = await handlerWith(stored)(forged);
  const answer = await handlerWith(stored)(await signed(VOICE));

  assertEquals([refused.status, await refused.text()], [403, ""]);
  assertEquals([answer.status, answer.headers.get("content-type")], [200, "text/xml; charset=utf-8"]);
  await answer.body?.cancel();
});

Deno.test("a deploy's check names revision and schema, or why nothing could be stored", async () => {
  const checked = () => Promise.resolve({ result: "checked", schema_version: "20261201" } as IngestResult);
  const ask = async (ingest: () => Promise<IngestResult>) => {
    const answer = await handlerWith(ingest)(await signed({ VoicehooksCheck: "4711" }));
    return [answer.status, await answer.json()];
  };

  assertEquals(await ask(checked), [200, { nonce: "4711", revision: "r1", schemaVersion: "20261201" }]);
  assertEquals(await ask(() => Promise.reject(new DatabaseError("timeout"))), [
    503,
    { nonce: "4711", revision: "r1", error: "database: timeout" },
  ]);
});

Deno.test("a call whose row is late is answered, and the worker is kept until the row is stored", async () => {
  const kept: Promise<unknown>[] = [];
  const runtime = { waitUntil: (promise: Promise<unknown>) => kept.push(promise) };
  Object.assign(globalThis, { EdgeRuntime: runtime });
  try {
    const late = Promise.withResolvers<IngestResult>();

    const answer = await handlerWith(() => late.promise)(await signed(VOICE));

    assertEquals(answer.status, 200);
    assertEquals(kept.length, 1);
    assertEquals(await Promise.race([kept[0], Promise.resolve("still waiting")]), "still waiting");
    late.resolve({ result: "stored" });
    assertEquals(await kept[0], true);
  } finally {
    Reflect.deleteProperty(globalThis, "EdgeRuntime");
  }
});

Deno.test("a call waits at most 1.5 s for its row, a callback at most 3 s", async () => {
  const waits: number[] = [];
  const limits: number[] = [];
  const never = new Promise<IngestResult>(() => {});
  const database = {
    ingest: (_: unknown, limit: number) => {
      limits.push(limit);
      return limits.length === 1 ? never : Promise.reject(new DatabaseError("timeout"));
    },
  } as unknown as Database;
  const handler = webhookHandler({
    settings: settingsWith({}),
    revision: "r1",
    secrets: { tokens: [TOKEN], keys: new Map() },
    database,
  });
  const setTimeout = globalThis.setTimeout;
  // Time-outs are over at once: the test asks for how long they are, and does not wait for them.
  const atOnce = (end: () => void, ms: number) => {
    waits.push(ms);
    return setTimeout(end, 0);
  };
  Object.assign(globalThis, { setTimeout: atOnce });
  try {
    assertEquals((await handler(await signed(VOICE))).status, 200);
    assertEquals((await handler(await signed(STATUS))).status, 503);
  } finally {
    Object.assign(globalThis, { setTimeout });
  }
  assertEquals([waits.length, waits.every((ms) => ms <= 1500)], [1, true]);
  assertEquals([limits.length, limits.every((ms) => ms <= 3000)], [2, true]);
});

Deno.test("whatever goes wrong while storing, a call is answered and a callback is sent again", async () => {
  for (const error of [new DatabaseError("timeout"), new TypeError("a bug"), "no error at all"]) {
    const handler = handlerWith(() => Promise.reject(error));

    const call = await handler(await signed(VOICE));
    const callback = await handler(await signed(STATUS));
    const check = await handler(await signed({ VoicehooksCheck: "4711" }));

    assertEquals([call.status, callback.status, check.status], [200, 503, 503]);
    assertIncludes(await call.text(), "<Response>");
  }
});

Deno.test("a success of the database that is not a result is a failure", async () => {
  let body = "";
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => new Response(body));
  const url = `http://127.0.0.1:${server.addr.port}`;
  const database = openDatabase({ get: (name) => name === "SUPABASE_URL" ? url : undefined });
  const failure = (promise: Promise<unknown>) =>
    promise.then(
      (value) => JSON.stringify(value),
      (error) => error instanceof DatabaseError ? "failure" : `${error}`,
    );
  try {
    for (body of ["[]", '"x"', "null", "{}", '{"result": "soon"}', "7", "<html>", ""]) {
      assertEquals(await failure(database.ingest({ kind: "check" }, 1000)), "failure");
    }
    for (body of ['"x"', "null", "{}", "7", "<html>"]) {
      assertEquals(await failure(database.isValidUser("t", 1000)), "failure");
      assertEquals(await failure(database.recordingFor("t", "RE1", 1000)), "failure");
    }
    for (body of ["[null]", "[7]", '[{"recording_sid": "RE2"}]']) {
      assertEquals(await failure(database.recordingFor("t", "RE1", 1000)), "failure");
    }
    body = '{"result": "quarantined"}';
    assertEquals(await failure(database.ingest({ kind: "status" }, 1000)), body.replace(": ", ":"));
    body = "[]";
    assertEquals(await database.recordingFor("t", "RE1", 1000), null);
    assertEquals(await database.isValidUser("t", 1000), true);
  } finally {
    await server.shutdown();
  }
});

Deno.test("a request is stored with its address, its reservation and whether a NUL was replaced", async () => {
  const events: IngestEvent[] = [];
  const database = {
    ingest: (event: IngestEvent) => {
      events.push(event);
      return Promise.resolve({ result: "stored" });
    },
  } as unknown as Database;
  const settings = settingsWith({ forwardTo: [AGENT] });
  const handler = webhookHandler({
    settings,
    revision: "r1",
    secrets: { tokens: [TOKEN], keys: new Map() },
    database,
  });
  const place = "11111111-2222-4333-8444-555555555555";
  const query = `?x=1&place=${place}`;

  assertEquals((await handler(await signed({ ...STATUS, Digits: "1\0" }, query))).status, 204);
  const twiml = await (await handler(await signed(VOICE, query))).text();
  for (const odd of ["?place=somebody", `?place=${place}0`, `?replace=${place}`]) {
    await (await handler(await signed(VOICE, odd))).body?.cancel();
  }

  const [callback, call, ...others] = events;
  assertEquals([callback?.kind, callback?.path, callback?.place], ["status", query, place]);
  assertEquals([callback?.params?.Digits, callback?.nul_replaced], ["1\ufffd", true]);
  assertEquals([call?.kind, call?.path, call?.place, call?.nul_replaced], ["voice", query, place, undefined]);
  assertEquals(others.map((event) => event.place), [undefined, undefined, undefined]);
  // The call's next requests name the reservation, and nothing else that was in the address.
  assertIncludes(twiml, `?place=${place}#`);
  assertNot(twiml.includes("x=1"), twiml);
});
