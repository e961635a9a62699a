// deno-lint-ignore-file no-console

import { Problem } from "../_shared/browser.ts";
import { checkCaller } from "../_shared/callers.ts";
import { placeCallHandler } from "../place-call/handler.ts";
import { parseOrder } from "../place-call/order.ts";
import { sipHost } from "../_shared/sip.ts";
import { type Database, DatabaseError, type IngestEvent } from "../_shared/database.ts";
import { assertEquals } from "./assert.ts";
import { AGENT, BEARER, LEAD, OURS, settingsWith, USER } from "./samples.ts";

/** Status and code of the refusal, or undefined. */
function refusal(act: () => unknown): [number, string] | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof Problem) return [error.status, error.code];
    throw error;
  }
}

function user(appMetadata: Record<string, unknown>, anonymous = false) {
  return { id: "11111111-2222-4333-8444-555555555555", token: "a.b.c", anonymous, appMetadata };
}

Deno.test("every user who is not anonymous may call, unless the environment names a claim", () => {
  assertEquals(refusal(() => checkCaller(user({}), null)), undefined);
  assertEquals(refusal(() => checkCaller(user({}), undefined)), undefined);
  assertEquals(refusal(() => checkCaller(user({}), { claim: null, anyOf: [] })), undefined);
  assertEquals(refusal(() => checkCaller(user({}, true), null)), [403, "user"]);
});

Deno.test("a claim has one of the values, by itself or in a list, and of the same type", () => {
  const callers = { claim: "role", anyOf: ["agent", "admin", true] };
  for (const good of ["agent", "admin", true, ["guest", "agent"]]) {
    assertEquals([good, refusal(() => checkCaller(user({ role: good }), callers))], [good, undefined]);
  }
  for (const bad of ["Agent", "", "true", 1, null, [], ["guest"], { agent: true }]) {
    assertEquals([bad, refusal(() => checkCaller(user({ role: bad }), callers))], [bad, [403, "claim"]]);
  }
  assertEquals(refusal(() => checkCaller(user({ roles: "agent" }), callers)), [403, "claim"]);
  assertEquals(refusal(() => checkCaller(user({ role: "agent" }, true), callers)), [403, "user"]);
  const inherited = { claim: "constructor", anyOf: [true] };
  assertEquals(refusal(() => checkCaller(user({}), inherited)), [403, "claim"]);
});

Deno.test("the host of a SIP address is the one that is rung", () => {
  const cases = {
    "sip:desk@pbx.example.com": "pbx.example.com",
    "sips:+15551234567@PBX.example.com:5061;transport=tls": "pbx.example.com",
    "sip:desk@pbx.example.com;region=us1;edge=ashburn?x-lead=42": "pbx.example.com",
    "sip:desk@10.0.0.1": "10.0.0.1",
    "sip:desk@pbx.example.com;maddr=evil.example": null,
    "sip:desk@pbx.example.com;transport=tls;maddr=evil.example": null,
    "sip:desk@evil.example@pbx.example.com": null,
    "sip:desk@pbx.example.com?Route=<sip:evil.example>": null,
    "sip:pbx.example.com": null,
    "sip:desk@.": null,
    "sip:de\0sk@pbx.example.com": null,
    "sip:desk@pbx.example.com\n": null,
    [`sip:${"x".repeat(255)}@pbx.example.com`]: null,
  };
  for (const [address, host] of Object.entries(cases)) {
    assertEquals([address, sipHost(address)], [address, host]);
  }
});

Deno.test("an agent's SIP address is at a host that the environment names", () => {
  const order = (agent: string, sipHosts?: string[]) => () =>
    parseOrder(JSON.stringify({ to: LEAD, agent }), settingsWith({}, sipHosts && { sipHosts }));

  assertEquals(refusal(order("sip:desk@pbx.example.com", ["pbx.example.com"])), undefined);
  assertEquals(refusal(order("sip:desk@evil.example", ["pbx.example.com"])), [403, "sip-host"]);
  assertEquals(refusal(order("sip:desk@pbx.example.com")), [403, "sip-host"]);
  assertEquals(refusal(order("sip:desk@pbx.example.com;maddr=evil.example", ["pbx.example.com"])), [
    400,
    "bad-request",
  ]);
  assertEquals(refusal(order("sips:desk@evil.example", ["pbx.example.com"])), [403, "sip-host"]);
  assertEquals(refusal(order("client:bob")), undefined);
  for (const odd of ["bob", "", "http://pbx.example.com", "sip:desk"]) {
    assertEquals([odd, refusal(order(odd, ["pbx.example.com"]))], [odd, [400, "bad-request"]]);
  }
});

Deno.test("a reference is text that the database can keep", () => {
  const order = (reference: string) => () =>
    parseOrder(JSON.stringify({ to: LEAD, reference }), settingsWith({}));

  for (const bad of ["a\0b", "\ud800", "x\udc00y", "x".repeat(201)]) {
    assertEquals([bad, refusal(order(bad))], [bad, [400, "bad-request"]]);
  }
  for (const good of ["", "lead-42", "🙂", "\u0001\uffff"]) {
    assertEquals([good, refusal(order(good))], [good, undefined]);
  }
});

Deno.test("whatever Twilio answers, the page gets a sentence and the row its end", async () => {
  const cases: [number, string, number, string][] = [
    [201, "null", 504, "refused"],
    [200, "[]", 504, "refused"],
    [200, '{"sid": 5}', 504, "refused"],
    [200, "<html>", 504, "refused"],
    [400, "null", 422, "refused"],
    [400, '{"code": "x", "message": 5}', 422, "refused"],
    [503, '"down"', 502, "refused"],
    [201, '{"sid": "CA1"}', 201, "placed"],
  ];
  for (const [status, body, wanted, kind] of cases) {
    const twilio = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response(body, { status }),
    );
    const events: IngestEvent[] = [];
    const database = {
      isValidUser: () => Promise.resolve(true),
      ingest: (event: IngestEvent) => {
        events.push(event);
        return Promise.resolve({ result: "reserved", id: "11111111-2222-4333-8444-555555555555" });
      },
    } as unknown as Database;
    const place = placeCallHandler({
      settings: settingsWith({}),
      revision: "r",
      database,
      account: {
        baseUrl: `http://127.0.0.1:${twilio.addr.port}`,
        accountSid: "AC1",
        authorization: "Basic x",
      },
    });
    const headers = { authorization: BEARER };
    try {
      const request = new Request("http://x/place-call", {
        method: "POST",
        headers,
        body: `{"to": "${LEAD}"}`,
      });
      const answer = await place(request);
      assertEquals([body, answer.status, events.at(-1)?.kind], [body, wanted, kind]);
      await answer.body?.cancel();
    } finally {
      await twilio.shutdown();
    }
  }
});

Deno.test("only POST places a call", async () => {
  const place = placeCallHandler({
    settings: settingsWith({}),
    revision: "r",
    database: {} as Database,
    account: { baseUrl: "", accountSid: "", authorization: "" },
  });
  for (const method of ["GET", "PUT", "DELETE"]) {
    const answer = await place(new Request("http://x/place-call", { method }));
    assertEquals([answer.status, answer.headers.get("allow"), (await answer.json()).code], [
      405,
      "POST",
      "method",
    ]);
  }
});

const PLACE = "11111111-2222-4333-8444-555555555555";

/** Places a call; `ingest` may fail. Returns the answer and what the database was given. */
async function place(
  order: Record<string, string>,
  twilioSays: [unknown, number],
  ingest: (event: IngestEvent) => Promise<unknown>,
) {
  const [body, status] = twilioSays;
  let created = 0;
  const twilio = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    created++;
    return Response.json(body, { status });
  });
  const events: IngestEvent[] = [];
  const database = {
    isValidUser: () => Promise.resolve(true),
    ingest: (event: IngestEvent) => (events.push(event), ingest(event)),
  } as unknown as Database;
  const baseUrl = `http://127.0.0.1:${twilio.addr.port}`;
  let line: Record<string, unknown> = {};
  const log = console.log;
  console.log = (text: string) => line = JSON.parse(text);
  const handler = placeCallHandler({
    settings: settingsWith({}, { callsPerMinute: 3, totalCallsPerMinute: 50 }),
    revision: "r",
    database,
    account: { baseUrl, accountSid: "AC1", authorization: "Basic x" },
  });
  try {
    const request = { method: "POST", headers: { authorization: BEARER }, body: JSON.stringify(order) };
    const answer = await handler(new Request("http://x", request));
    return { status: answer.status, body: await answer.json(), events, created, line };
  } finally {
    console.log = log;
    await twilio.shutdown();
  }
}

const reserved = () => Promise.resolve({ result: "reserved", id: PLACE });
const CREATED: [unknown, number] = [{ sid: "CA1", status: "queued" }, 201];
const REFUSED: [unknown, number] = [{ code: 13227, message: "No permission" }, 400];

/** A database that fails once the row is reserved. */
const failingAfterwards = (event: IngestEvent) =>
  event.kind === "place" ? reserved() : Promise.reject(new DatabaseError("timeout"));

Deno.test("a call is reserved under the user's limits, and its row gets what Twilio made of it", async () => {
  const order = { to: LEAD, agent: AGENT, reference: "lead-1" };
  const { status, body, events, line } = await place(order, CREATED, reserved);

  assertEquals([line.call_sid, line.status], ["CA1", 201]);

  assertEquals([status, body], [201, {
    id: PLACE,
    callSid: "CA1",
    status: "connecting",
    reference: "lead-1",
  }]);
  assertEquals(events, [
    {
      kind: "place",
      params: {
        AccountSid: "AC1",
        From: OURS,
        To: AGENT,
        AgentFirst: "true",
        Dial: LEAD,
        Reference: "lead-1",
      },
      user_id: USER,
      limit: 3,
      environment_limit: 50,
    },
    {
      kind: "placed",
      place: PLACE,
      params: {
        CallSid: "CA1",
        AccountSid: "AC1",
        CallStatus: "queued",
        From: OURS,
        To: AGENT,
        Direction: "outbound-api",
      },
    },
  ]);
});

Deno.test("a refusal of Twilio ends the reserved row with its words", async () => {
  const { status, body, events } = await place({ to: LEAD }, REFUSED, reserved);

  assertEquals([status, body.code], [422, "twilio"]);
  assertEquals(events.slice(1), [{
    kind: "refused",
    place: PLACE,
    params: { AccountSid: "AC1", ErrorMessage: "No permission", ErrorCode: "13227" },
  }]);
});

Deno.test("what Twilio said is the answer, also if the database fails after it", async () => {
  const made = await place({ to: LEAD }, CREATED, failingAfterwards);
  const refused = await place({ to: LEAD }, REFUSED, failingAfterwards);

  assertEquals([made.status, made.body.callSid, made.body.reference], [201, "CA1", null]);
  assertEquals([refused.status, refused.body.code], [422, "twilio"]);
});

Deno.test("beyond the limit, or without a reserved row, Twilio is not asked", async () => {
  for (const answer of [{ result: "limited", retry_after: 9, id: PLACE }, { result: "reserved" }]) {
    const { status, created } = await place({ to: LEAD }, CREATED, () => Promise.resolve(answer));
    assertEquals([answer, status, created], [answer, 429, 0]);
  }
  const down = await place({ to: LEAD }, CREATED, () => Promise.reject(new DatabaseError("timeout")));
  assertEquals([down.status, down.created], [503, 0]);
});
