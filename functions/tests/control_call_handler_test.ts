// deno-lint-ignore-file no-console

import { type CallRow, type Database, DatabaseError, type TransferRequest } from "../_shared/database.ts";
import { controlCallHandler } from "../control-call/handler.ts";
import { assertEquals, assertIncludes } from "./assert.ts";
import { AGENT, BEARER, INCOMING, LEAD, OURS, settingsWith, USER } from "./samples.ts";

const SID = INCOMING.call_sid;
const COLLEAGUE = "+15557650000";
const GONE = { code: 21220, message: "x" };

const PLACED = {
  ...INCOMING,
  direction: "outbound-api",
  from_number: OURS,
  to_number: AGENT,
  dial_number: LEAD,
  agent_first: true,
};

interface World {
  row?: CallRow | DatabaseError;
  /** The SIDs of the legs that are connected. */
  legs?: string[];
  /** The SIDs that Twilio says are over. */
  over?: string[];
  /** What the database answers to a reservation. */
  reservation?: Record<string, unknown>;
  /** Whether the database fails to forget a transfer. */
  releaseFails?: boolean;
}

/** Sends an order; returns the answer, and what was asked of Twilio and of the database. */
async function control(order: Record<string, string>, world: World) {
  const asked: string[] = [];
  const reserved: TransferRequest[] = [];
  const released: string[] = [];
  const { row = INCOMING, legs = [], over = [] } = world;
  const twilio = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const name = new URL(request.url).pathname.split("/").at(-1)!.replace(".json", "");
    if (request.method === "GET") return Response.json({ calls: legs.map((sid) => ({ sid })) });
    asked.push(`${name} ${new URLSearchParams(await request.text())}`);
    return over.includes(name) ? Response.json(GONE, { status: 400 }) : Response.json({ sid: name });
  });
  const database = {
    isValidUser: () => Promise.resolve(true),
    callFor: () => row instanceof Error ? Promise.reject(row) : Promise.resolve(row),
    reserveTransfer: (request: TransferRequest) => {
      reserved.push(request);
      return Promise.resolve(world.reservation ?? { result: "reserved", event_key: "key" });
    },
    releaseTransfer: (key: string) => {
      released.push(key);
      return world.releaseFails ? Promise.reject(new DatabaseError("timeout")) : Promise.resolve();
    },
  } as unknown as Database;
  const handler = controlCallHandler({
    settings: settingsWith({}, { callsPerMinute: 3, totalCallsPerMinute: 50 }),
    revision: "r",
    database,
    account: {
      baseUrl: `http://127.0.0.1:${twilio.addr.port}`,
      accountSid: "AC1",
      authorization: "Basic x",
    },
  });
  let line: Record<string, unknown> = {};
  const log = console.log;
  console.log = (text: string) => line = JSON.parse(text);
  try {
    const body = JSON.stringify({ callSid: SID, ...order });
    const answer = await handler(
      new Request("http://x", { method: "POST", body, headers: { authorization: BEARER } }),
    );
    return { status: answer.status, body: await answer.json(), asked, reserved, released, line };
  } finally {
    console.log = log;
    await twilio.shutdown();
  }
}

const HANG_UP = { action: "hang-up" };
const TRANSFER = { action: "transfer", to: COLLEAGUE, requestId: "one" };
const END = "Status=completed";

Deno.test("hanging up ends the call and, where the lead was dialed, every connected leg", async () => {
  const cases: [World, string, string[]][] = [
    [{}, "hung-up", [`${SID} ${END}`]],
    [{ over: [SID] }, "already-over", [`${SID} ${END}`]],
    [{ row: { ...INCOMING, ended_at: "2026" } }, "already-over", []],
    [{ row: PLACED, legs: ["CA2"] }, "hung-up", [`${SID} ${END}`, `CA2 ${END}`]],
    // After a transfer the first leg is over, and the lead's goes on.
    [{ row: { ...PLACED, ended_at: "2026" }, legs: ["CA2"] }, "hung-up", [`CA2 ${END}`]],
    [{ row: PLACED, legs: ["CA2"], over: [SID] }, "hung-up", [`${SID} ${END}`, `CA2 ${END}`]],
    [{ row: { ...PLACED, ended_at: "2026" }, legs: ["CA2"], over: ["CA2"] }, "already-over", [`CA2 ${END}`]],
  ];
  for (const [world, result, asked] of cases) {
    const done = await control(HANG_UP, world);
    assertEquals([done.status, done.body, done.asked], [200, { callSid: SID, result }, asked]);
    assertEquals([done.line.kind, done.line.call_sid, done.line.result], ["hang-up", SID, result]);
  }
});

Deno.test("a transfer is counted against the user's limits and redirects the lead's leg", async () => {
  for (const [row, leg] of [[INCOMING, SID], [PLACED, "CA2"]] as const) {
    const done = await control(TRANSFER, { row, legs: ["CA2", "CA3"] });
    assertEquals([done.status, done.body.result, done.released], [200, "transferred", []]);
    assertEquals(done.reserved, [{
      call_sid: SID,
      account_sid: INCOMING.account_sid,
      request_id: "one",
      target: COLLEAGUE,
      user_id: USER,
      per_minute: 3,
      per_minute_in_all: 50,
    }]);
    assertEquals(done.asked.length, 1);
    assertIncludes(done.asked[0]!, `${leg} Twiml=`);
    assertIncludes(decodeURIComponent(done.asked[0]!), `>${COLLEAGUE}</Number>`);
  }
});

Deno.test("a transfer that is not made is forgotten, also if the database fails then", async () => {
  for (const world of [{ row: PLACED, legs: [] }, { over: [SID] }, { over: [SID], releaseFails: true }]) {
    const { status, body, released } = await control(TRANSFER, world);
    assertEquals([status, body.code, released], [409, "not-connected", ["key"]]);
  }
});

Deno.test("beyond the limit, or under a known request id, Twilio is not asked", async () => {
  const limited = await control(TRANSFER, { reservation: { result: "limited", retry_after: 9 } });
  assertEquals([limited.status, limited.body.code, limited.asked], [429, "limit", []]);
  const known = await control(TRANSFER, { reservation: { result: "duplicate", event_key: "key" } });
  assertEquals([known.status, known.body.result, known.asked], [200, "already-transferred", []]);
  assertEquals([limited.released, known.released], [[], []]);
});

Deno.test("a user who may not read calls is told so; an outage is not taken for it", async () => {
  const outcome = async (status: number) => {
    const { status: answered, body } = await control(HANG_UP, { row: new DatabaseError("x", status) });
    return [answered, body.code];
  };
  assertEquals(await outcome(403), [403, "user"]);
  assertEquals(await outcome(401), [503, "database"]);
  assertEquals(await outcome(0), [503, "database"]);
});

Deno.test("an order names a call of Twilio's form, an action, and for a transfer a phone and an id", async () => {
  const orders: Record<string, string>[] = [
    { ...HANG_UP, callSid: `${SID}/../x` },
    { ...HANG_UP, callSid: "CA1" },
    { ...HANG_UP, requestId: "one" },
    { ...HANG_UP, to: COLLEAGUE },
    { action: "hold", to: COLLEAGUE },
    { action: "transfer" },
    { ...TRANSFER, requestId: "" },
    { ...TRANSFER, requestId: "x".repeat(65) },
    { ...TRANSFER, requestId: "a:b" },
  ];
  for (const order of orders) {
    const { status, body, asked, reserved } = await control(order, {});
    assertEquals([order, status, body.code, asked, reserved], [order, 400, "bad-request", [], []]);
  }
  const ids = new Set<string>();
  for (let n = 0; n < 2; n++) {
    const { reserved } = await control({ action: "transfer", to: COLLEAGUE }, {});
    ids.add(reserved[0]!.request_id);
  }
  assertEquals([ids.size, ids.has("")], [2, false]);
});
