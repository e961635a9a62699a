// deno-lint-ignore-file no-console

import { badRequest } from "../_shared/browser.ts";
import {
  callerFunction,
  type CallerRequest,
  parseRequest,
  tooManyCalls,
} from "../_shared/caller_requests.ts";
import { type Database, DatabaseError } from "../_shared/database.ts";
import { TwilioError } from "../_shared/twilio_api.ts";
import { assertEquals, assertIncludes } from "./assert.ts";
import { BEARER, bearer, settingsWith, USER } from "./samples.ts";

const PAGE = "https://crm.example";
const UNDONE = { certain: "It was not done", uncertain: "it may have been done" };

interface Asked {
  answer: Response;
  /** How often the database was asked about the user. */
  checks: number;
  /** What the function got, if it was called. */
  got?: CallerRequest;
  line: Record<string, unknown>;
}

/** Sends a request to a function that does this. */
async function ask(
  init: RequestInit & { headers?: Record<string, string> },
  act: () => unknown = () => ({}),
  isValid: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<Asked> {
  let checks = 0;
  let got: CallerRequest | undefined;
  let line = {};
  const database = { isValidUser: () => (checks++, isValid()) } as unknown as Database;
  const settings = settingsWith({}, { allowedOrigins: [PAGE] });
  const handler = callerFunction("f", { settings, revision: "r", database }, UNDONE, (request) => {
    got = request;
    return Promise.resolve().then(act).then((body) => ({ status: 201, body }));
  });
  const headers = { origin: PAGE, authorization: BEARER, ...init.headers };
  const log = console.log;
  console.log = (text: string) => line = JSON.parse(text);
  try {
    const answer = await handler(new Request("http://x", { method: "POST", ...init, headers }));
    return { answer, checks, got, line };
  } finally {
    console.log = log;
  }
}

const failing = (error: unknown) => () => {
  throw error;
};

Deno.test("the page that asked may read the answer and each refusal", async () => {
  for (const act of [() => ({ id: 1 }), failing(badRequest("No."))]) {
    const { answer } = await ask({ body: "{}" }, act);
    assertEquals(answer.headers.get("access-control-allow-origin"), PAGE);
  }
  const { answer, got } = await ask({ body: '{"to": "x"}' }, () => ({ id: 1 }));
  assertEquals([answer.status, await answer.json()], [201, { id: 1 }]);
  assertEquals([got?.user.id, got?.body], [USER, '{"to": "x"}']);
  const preflight = await ask({ method: "OPTIONS" });
  assertEquals([preflight.answer.status, preflight.answer.headers.get("access-control-allow-methods")], [
    204,
    "POST",
  ]);
});

Deno.test("who may not ask is refused before anything happens, and before the database is asked", async () => {
  const cases: [RequestInit & { headers?: Record<string, string> }, number, string][] = [
    [{ method: "GET" }, 405, "method"],
    [{ headers: { origin: "https://evil.example" } }, 403, "origin"],
    [{ headers: { authorization: "" } }, 403, "user"],
    [{ headers: { authorization: bearer({ role: "anon" }) } }, 403, "user"],
  ];
  for (const [init, status, code] of cases) {
    const { answer, checks, got, line } = await ask(init);
    assertEquals([answer.status, (await answer.json()).code, checks, got], [status, code, 0, undefined]);
    assertEquals([line.status, line.reason], [status, code]);
  }
  const forged = await ask({ body: "{}" }, () => ({}), () => Promise.resolve(false));
  assertEquals([forged.answer.status, (await forged.answer.json()).code, forged.got], [
    403,
    "user",
    undefined,
  ]);
  const guest = await ask({
    headers: { authorization: bearer({ role: "authenticated", sub: USER, is_anonymous: true }) },
  });
  assertEquals([guest.answer.status, (await guest.answer.json()).code, guest.got], [403, "user", undefined]);
});

Deno.test("a request has at most 16 KB", async () => {
  const fits = await ask({ body: "x".repeat(16 * 1024) });
  const large = await ask({ body: "x".repeat(16 * 1024 + 1) });

  assertEquals([fits.answer.status, fits.got?.body.length], [201, 16 * 1024]);
  assertEquals([large.answer.status, (await large.answer.json()).code, large.got], [
    413,
    "too-large",
    undefined,
  ]);
});

Deno.test("each failure has its status, and only a certain one is called undone", async () => {
  const cases: [unknown, number, string, string][] = [
    [new DatabaseError("timeout"), 503, "database", UNDONE.certain],
    [new TwilioError(0, null, "x"), 504, "twilio", UNDONE.uncertain],
    [new TwilioError(401, 20003, "Authenticate"), 502, "twilio", "credentials"],
    [new TwilioError(400, 13227, "No permission."), 422, "twilio", "No permission (Twilio error 13227)."],
    [new TwilioError(499, null, "Odd"), 422, "twilio", "Odd."],
    [new TwilioError(500, null, "Down"), 502, "twilio", "Down."],
  ];
  for (const [error, status, code, part] of cases) {
    const { answer, line } = await ask({ body: "{}" }, failing(error));
    const body = await answer.json();
    assertEquals([answer.status, body.code, line.reason], [status, code, code]);
    assertIncludes(body.error, part);
  }
  const outage = await ask({ body: "{}" }, () => ({}), () => Promise.reject(new DatabaseError("timeout")));
  assertEquals(outage.answer.status, 503);
});

Deno.test("a request is an object of the keys that it takes, with texts", () => {
  const parse = (text: string) => {
    try {
      return parseRequest(text, ["to"], "{}");
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  };
  assertEquals(parse('{"to": "x"}'), { to: "x" });
  assertEquals(parse("{}"), {});
  for (
    const bad of [
      "",
      "{",
      "null",
      "[]",
      '"x"',
      "7",
      '{"to": 5}',
      '{"to": null}',
      '{"to": ["x"]}',
      '{"from": "x"}',
    ]
  ) {
    assertEquals([bad, parse(bad)], [bad, "bad-request"]);
  }
});

Deno.test("beyond a limit the page learns when to try again, and whose limit it is", async () => {
  const user = tooManyCalls({ retry_after: 7, scope: "user" }).toResponse({});
  const all = tooManyCalls({ scope: "environment" }).toResponse({});

  assertEquals([user.status, user.headers.get("retry-after"), all.headers.get("retry-after")], [
    429,
    "7",
    "60",
  ]);
  const [first, second] = [await user.json(), await all.json()];
  assertEquals([first.code, second.code, first.error === second.error.replace("60", "7")], [
    "limit",
    "limit",
    false,
  ]);
});
