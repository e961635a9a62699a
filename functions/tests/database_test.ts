import { DatabaseError, openDatabase } from "../_shared/database.ts";
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
