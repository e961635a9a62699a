// deno-lint-ignore-file no-console

import { type Database, DatabaseError } from "../_shared/database.ts";
import { recordingHandler } from "../recording/handler.ts";
import { assertEquals } from "./assert.ts";
import { BEARER, settingsWith } from "./samples.ts";

const ACCOUNT = "AC5a4db0c55a4db0c55a4db0c55a4db0c5";
const SID = "RE" + "1".repeat(32);

/** Plays a recording whose audio this answer of Twilio's is; returns the answer, and the request's Range. */
async function play(
  media: Response,
  range: string | null,
  method = "GET",
  status = "completed",
): Promise<[Response, string | null]> {
  let asked: string | null = "not asked";
  const twilio = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    asked = request.headers.get("range");
    return media;
  });
  const row = { recording_sid: SID, call_sid: "CA1", account_sid: ACCOUNT, status };
  const database = { recordingFor: () => Promise.resolve(row) } as unknown as Database;
  const account = {
    baseUrl: `http://127.0.0.1:${twilio.addr.port}`,
    accountSid: ACCOUNT,
    authorization: "Basic x",
  };
  const handler = recordingHandler({ settings: settingsWith({}), revision: "r", database, account });
  const headers = new Headers({ authorization: BEARER });
  if (range !== null) headers.set("range", range);
  try {
    const answer = await handler(new Request(`http://x/recording/${SID}`, { method, headers }));
    const body = await answer.arrayBuffer();
    return [new Response(body.byteLength > 0 ? body : null, answer), asked];
  } finally {
    await twilio.shutdown();
  }
}

Deno.test("a range that Twilio extracts, or does not have, is passed on", async () => {
  const part = new Response("cde", { status: 206, headers: { "content-range": "bytes 2-4/9" } });
  const [middle, asked] = await play(part, "bytes=2-4");
  assertEquals([middle.status, await middle.text(), asked], [206, "cde", "bytes=2-4"]);
  assertEquals(middle.headers.get("content-range"), "bytes 2-4/9");

  const beyond = new Response(null, { status: 416, headers: { "content-range": "bytes */9" } });
  const [nothing] = await play(beyond, "bytes=9-");
  assertEquals([nothing.status, nothing.headers.get("content-range")], [416, "bytes */9"]);
});

Deno.test("an error of Twilio is not passed on as audio", async () => {
  const [answer] = await play(new Response("oops", { status: 500 }), null);

  assertEquals([answer.status, (await answer.json()).code], [502, "twilio"]);
});

Deno.test("a HEAD request is answered with the headers and without the audio", async () => {
  const [answer] = await play(new Response("RIFF", { headers: { "content-length": "4" } }), null, "HEAD");

  assertEquals([answer.status, answer.headers.get("content-length"), await answer.text()], [200, "4", ""]);
});

Deno.test("Twilio is asked only for audio that it may have", async () => {
  for (
    const [status, code] of [["in-progress", 409], ["paused", 409], ["absent", 404], [
      "deleted",
      410,
    ]] as const
  ) {
    const [answer, asked] = await play(new Response("RIFF"), null, "GET", status);
    assertEquals([status, answer.status, asked], [status, code, "not asked"]);
  }
  assertEquals((await play(new Response("RIFF"), null, "GET", "processing"))[0].status, 200);
});

interface World {
  row?: Record<string, unknown> | null;
  error?: unknown;
  media?: Response;
  method?: string;
  headers?: Record<string, string>;
  accountSids?: string[];
  /** Where Twilio is asked, if not at its server. */
  port?: number;
}

/** Asks for an address; returns the answer and the addresses that were asked of Twilio. */
async function ask(
  path: string,
  { row, error, media, method = "GET", headers, accountSids, port }: World = {},
) {
  const asked: string[] = [];
  const twilio = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    asked.push(new URL(request.url).pathname);
    return media ?? new Response("RIFF");
  });
  const found = row === null
    ? null
    : { recording_sid: SID, call_sid: "CA1", account_sid: ACCOUNT, status: "completed", ...row };
  const recordingFor = () => error === undefined ? Promise.resolve(found) : Promise.reject(error);
  const changes = { allowedOrigins: ["https://crm.example"], ...(accountSids && { accountSids }) };
  const handler = recordingHandler({
    settings: settingsWith({}, changes),
    revision: "r",
    database: { recordingFor } as unknown as Database,
    account: {
      baseUrl: `http://127.0.0.1:${port ?? twilio.addr.port}`,
      accountSid: ACCOUNT,
      authorization: "Basic x",
    },
  });
  let line: Record<string, unknown> = {};
  const log = console.log;
  console.log = (text: string) => line = JSON.parse(text);
  try {
    const answer = await handler(
      new Request(`http://x${path}`, { method, headers: { authorization: BEARER, ...headers } }),
    );
    const text = await answer.text();
    const code = answer.headers.get("content-type") === "application/json"
      ? JSON.parse(text).code
      : undefined;
    return { answer, text, code, asked, line };
  } finally {
    console.log = log;
    await twilio.shutdown();
  }
}

const MEDIA = `/2010-04-01/Accounts/${ACCOUNT}/Recordings/${SID}`;

Deno.test("an address is a function's name and a recording's SID, as mp3 unless it says wav", async () => {
  assertEquals((await ask(`/recording/${SID}`)).asked, [`${MEDIA}.mp3`]);
  assertEquals((await ask(`/recording-candidate/${SID}?format=wav`)).asked, [`${MEDIA}.wav`]);
  for (
    const path of [
      `/${SID}`,
      `/recording/${SID}/x`,
      `/recording/x/${SID}`,
      "/recording/RE1",
      `/recording/${SID}0`,
    ]
  ) {
    const { answer, code, asked } = await ask(path);
    assertEquals([path, answer.status, code, asked], [path, 404, "not-there", []]);
  }
  for (const format of ["json", "", "mp3.exe"]) {
    const { answer, code, asked } = await ask(`/recording/${SID}?format=${format}`);
    assertEquals([format, answer.status, code, asked], [format, 400, "bad-request", []]);
  }
});

Deno.test("only a row that the user may read, of the environment's accounts, is played from its own account", async () => {
  const second = `AC${"2".repeat(32)}`;
  const accountSids = [ACCOUNT, second];
  const own = await ask(`/recording/${SID}`, { row: { account_sid: second }, accountSids });
  assertEquals(own.asked, [`/2010-04-01/Accounts/${second}/Recordings/${SID}.mp3`]);
  assertEquals(own.line.call_sid, "CA1");
  for (const row of [null, { account_sid: second }]) {
    const { answer, code, asked, line } = await ask(`/recording/${SID}`, { row });
    assertEquals([answer.status, code, asked, line.reason], [404, "not-there", [], "not-there"]);
  }
  const nobody = await ask(`/recording/${SID}`, { headers: { authorization: "" } });
  assertEquals([nobody.answer.status, nobody.code, nobody.asked], [403, "user", []]);
});

Deno.test("a user without a right is distinguished from an outage", async () => {
  for (
    const [status, wanted, word] of [[401, 403, "user"], [403, 403, "user"], [0, 503, "database"]] as const
  ) {
    const { answer, code, asked } = await ask(`/recording/${SID}`, { error: new DatabaseError("x", status) });
    assertEquals([answer.status, code, asked], [wanted, word, []]);
  }
});

Deno.test("audio that Twilio does not have was deleted, or is not ready yet", async () => {
  for (const gone of [404, 410]) {
    for (
      const [status, wanted, word] of [["completed", 410, "deleted"], [
        "processing",
        409,
        "not-ready",
      ]] as const
    ) {
      const media = new Response("x", { status: gone });
      const { answer, code } = await ask(`/recording/${SID}`, { row: { status }, media });
      assertEquals([answer.status, code], [wanted, word]);
      assertEquals(answer.headers.get("retry-after"), word === "not-ready" ? "5" : null);
    }
  }
  const failed = await ask(`/recording/${SID}`, { row: { status: "failed" } });
  assertEquals([failed.answer.status, failed.code, failed.asked], [404, "absent", []]);
});

Deno.test("a player learns type, length, validators and that it may jump; nothing else of Twilio", async () => {
  const media = new Response("RIFF", {
    headers: {
      "content-type": "audio/mpeg",
      "content-length": "4",
      etag: '"1"',
      "last-modified": "Tue, 24 Nov 2026 11:00:00 GMT",
      "x-twilio-secret": "x",
    },
  });
  const { answer } = await ask(`/recording/${SID}`, { media });

  const headers = [
    "content-type",
    "content-length",
    "etag",
    "last-modified",
    "accept-ranges",
    "x-twilio-secret",
  ];
  assertEquals(headers.map((name) => answer.headers.get(name)), [
    "audio/mpeg",
    "4",
    '"1"',
    "Tue, 24 Nov 2026 11:00:00 GMT",
    "bytes",
    null,
  ]);
});

Deno.test("a range beyond the end has no length, and a page may ask for HEAD", async () => {
  const beyond = await ask(`/recording/${SID}`, {
    media: new Response("RIFF", { headers: { "content-length": "4" } }),
    headers: { range: "bytes=9-" },
  });
  const { status, headers } = beyond.answer;
  assertEquals([status, headers.get("content-range"), headers.get("content-length")], [
    416,
    "bytes */4",
    null,
  ]);
  const preflight = await ask(`/recording/${SID}`, {
    method: "OPTIONS",
    headers: { origin: "https://crm.example" },
  });
  assertEquals(preflight.answer.headers.get("access-control-allow-methods"), "GET, HEAD");
  const post = await ask(`/recording/${SID}`, { method: "POST" });
  assertEquals([post.answer.status, post.answer.headers.get("allow"), post.code], [
    405,
    "GET, HEAD",
    "method",
  ]);
});

Deno.test("Twilio's silence is one, and an error of our own is not taken for anything else", async () => {
  const silent = await ask(`/recording/${SID}`, { port: 1 });
  assertEquals([silent.answer.status, silent.code], [504, "twilio"]);
  const error = await ask(`/recording/${SID}`, { error: new TypeError("a bug") }).catch((error) => error);
  assertEquals(error instanceof TypeError, true);
});

Deno.test("Twilio has a time limit for its first byte, and none for the whole audio", async () => {
  const { setTimeout, clearTimeout } = globalThis;
  const running = new Map<unknown, number>();
  const limits: number[] = [];
  Object.assign(globalThis, {
    setTimeout: (end: () => void, ms: number) => {
      const timer = setTimeout(end, ms);
      running.set(timer, ms);
      limits.push(ms);
      return timer;
    },
    clearTimeout: (timer: number) => {
      running.delete(timer);
      clearTimeout(timer);
    },
  });
  try {
    assertEquals((await ask(`/recording/${SID}`)).answer.status, 200);
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
  assertEquals([limits, [...running.values()]], [[15_000], []]);
});
