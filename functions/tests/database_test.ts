import { DatabaseError, openDatabase, type TransferRequest } from "../_shared/database.ts";
import { assertEquals } from "./assert.ts";

/** Asks a database that gives this answer; returns the headers of the request, and what became of it. */
async function ask<T>(
  environment: Record<string, string>,
  answer: Response,
  act: (database: ReturnType<typeof openDatabase>) => Promise<T>,
): Promise<[Headers, T | string]> {
  let headers = new Headers();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    headers = request.headers;
    return answer;
  });
  const all: Record<string, string> = {
    SUPABASE_URL: `http://127.0.0.1:${server.addr.port}`,
    ...environment,
  };
  try {
    const outcome = await act(openDatabase({ get: (name) => all[name] })).catch((error) =>
      error instanceof DatabaseError ? `error ${error.status} ${error.message}` : String(error)
    );
    return [headers, outcome];
  } finally {
    await server.shutdown();
  }
}

const stored = () => Response.json({ result: "stored" });

Deno.test("a new secret key is no bearer token; a legacy one is, also if the new ones cannot be read", async () => {
  const cases: [Record<string, string>, string | null, string | null][] = [
    [
      { SUPABASE_SECRET_KEYS: '{"default": "sb_secret_1"}', SUPABASE_SERVICE_ROLE_KEY: "eyA" },
      "sb_secret_1",
      null,
    ],
    [{ SUPABASE_SERVICE_ROLE_KEY: "eyA.b.c" }, "eyA.b.c", "Bearer eyA.b.c"],
    [{ SUPABASE_SECRET_KEYS: "{", SUPABASE_SERVICE_ROLE_KEY: "eyA.b.c" }, "eyA.b.c", "Bearer eyA.b.c"],
    [{ SUPABASE_SECRET_KEYS: "{}", SUPABASE_SERVICE_ROLE_KEY: "eyA.b.c" }, "eyA.b.c", "Bearer eyA.b.c"],
  ];
  for (const [environment, apikey, authorization] of cases) {
    const [headers] = await ask(
      environment,
      stored(),
      (database) => database.ingest({ kind: "check" }, 1000),
    );
    assertEquals([headers.get("apikey"), headers.get("authorization")], [apikey, authorization]);
  }
});

Deno.test("a user's question has the publishable key and the user's own token", async () => {
  const environment = {
    SUPABASE_PUBLISHABLE_KEYS: '{"default": "sb_publishable_1"}',
    SUPABASE_ANON_KEY: "eyA",
  };
  const [headers] = await ask(
    environment,
    Response.json([]),
    (database) => database.isValidUser("a.b.c", 1000),
  );

  assertEquals([headers.get("apikey"), headers.get("authorization")], ["sb_publishable_1", "Bearer a.b.c"]);
});

Deno.test("only a token that the database refuses is not valid; an outage is an error", async () => {
  const outcome = async (status: number) =>
    (await ask({}, Response.json({ code: "42501" }, { status }), (d) => d.isValidUser("t", 1000)))[1];

  assertEquals(await outcome(401), false);
  assertEquals(await outcome(403), true);
  assertEquals(await outcome(503), "error 503 status 503 42501");
});

Deno.test("a project with legacy keys alone asks with its anon key as the user", async () => {
  const [headers, valid] = await ask(
    { SUPABASE_ANON_KEY: "eyA.b.c" },
    Response.json([]),
    (database) => database.isValidUser("a.b.d", 1000),
  );

  assertEquals([headers.get("apikey"), headers.get("authorization"), valid], [
    "eyA.b.c",
    "Bearer a.b.d",
    true,
  ]);
});

Deno.test("a refusal in another form is a refusal by its status", async () => {
  const refusal = new Response("<html>", { status: 401 });
  assertEquals((await ask({}, refusal, (d) => d.isValidUser("t", 1000)))[1], false);
});

Deno.test("each result of the database is one, and nothing else is", async () => {
  const ingest = async (body: unknown) =>
    (await ask({}, Response.json(body), (d) => d.ingest({ kind: "status" }, 1000)))[1];

  for (const result of ["stored", "duplicate", "quarantined", "checked", "reserved", "limited"]) {
    assertEquals(await ingest({ result }), { result });
  }
  assertEquals(await ingest({ result: "soon" }), "error 0 unexpected answer");
});

Deno.test("a batch has one result or error for each event, else nothing of it counts", async () => {
  const many = async (body: unknown) =>
    (await ask({}, Response.json(body), (d) => d.ingestMany(["{}", "{}"], 1000)))[1];
  const stored = { result: "stored" };

  for (const answer of [[stored, stored], [stored, { error: "55P03" }]]) {
    assertEquals(await many(answer), answer);
  }
  for (const odd of [[stored], [stored, stored, stored], [stored, {}], [stored, null], stored, null]) {
    assertEquals([odd, await many(odd)], [odd, "error 0 unexpected answer"]);
  }
});

Deno.test("only the row of the call that was asked for is its row", async () => {
  const call = async (body: unknown) =>
    (await ask({}, Response.json(body), (d) => d.callFor("t", "CA1", 1000)))[1];

  assertEquals(await call([]), null);
  assertEquals(await call([{ call_sid: "CA1" }]), { call_sid: "CA1" });
  for (const odd of [[{ call_sid: "CA2" }], [null], { call_sid: "CA1" }]) {
    assertEquals(await call(odd), "error 0 unexpected answer");
  }
});

Deno.test("a transfer is reserved, known or beyond the limit; anything else is a failure", async () => {
  const reserve = async (body: unknown) =>
    (await ask({}, Response.json(body), (d) => d.reserveTransfer({} as TransferRequest, 1000)))[1];

  for (const result of ["reserved", "duplicate", "limited"]) {
    assertEquals(await reserve({ result }), { result });
  }
  for (const odd of [null, {}, { result: "stored" }]) {
    assertEquals(await reserve(odd), "error 0 unexpected answer");
  }
});

Deno.test("events are stored, or checked if there are none; one is not taken for the other", async () => {
  const store = async (events: unknown[], result: string) =>
    (await ask({}, Response.json({ result }), (d) => d.storeEvents(events, 1000)))[1];

  assertEquals(await store([{}], "stored"), { result: "stored" });
  assertEquals(await store([], "checked"), { result: "checked" });
  assertEquals(await store([{}], "checked"), "error 0 unexpected answer");
  assertEquals(await store([], "stored"), "error 0 unexpected answer");
});

Deno.test("a database that does not answer in time is a failure", async () => {
  const { promise, resolve } = Promise.withResolvers<Response>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => promise);
  const url = `http://127.0.0.1:${server.addr.port}`;
  const database = openDatabase({ get: (name) => name === "SUPABASE_URL" ? url : undefined });
  try {
    const error = await database.ingest({ kind: "check" }, 1).catch((error) => error);
    assertEquals([error instanceof DatabaseError, error.message, error.status], [true, "timeout", 0]);
  } finally {
    resolve(new Response());
    await server.shutdown();
  }
});
