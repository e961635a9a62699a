import { isDialable } from "../_shared/dial.ts";
import { hasNul, hasTooMany, parseForm, readBody, toParams } from "../_shared/form.ts";
import { kindOf } from "../_shared/kinds.ts";
import { userOf } from "../_shared/user.ts";
import { callParams, parseOrder } from "../place-call/order.ts";
import { parseRange, sliceStream } from "../recording/range.ts";
import { assertEquals, assertIncludes, assertNot } from "./assert.ts";
import { AGENT, LEAD, OURS, settingsWith, WEBHOOK } from "./samples.ts";

Deno.test("what <Dial> can ring", () => {
  for (const good of [AGENT, "sip:a@b.example", "sips:a@b.example;x=y", "client:bob_1"]) {
    assertEquals(isDialable(good), true);
  }
  for (const bad of ["", "555", "+0123456789", "sip:a b@c", "sip:a", "client:", "client:<x>", "http://x"]) {
    assertNot(isDialable(bad), bad);
  }
});

Deno.test("forms keep repeated and empty parameters", () => {
  const params = toParams(parseForm("a=1&b=&a=2&__proto__=x&c=%C3%A4+%2B"));

  assertEquals(params, { a: ["1", "2"], b: "", ["__proto__"]: "x", c: "ä +" });
});

Deno.test("a NUL, which Postgres cannot store, is replaced and noted", () => {
  const pairs = parseForm("From=a%00b&N%00=1&N%EF%BF%BD=2");

  assertEquals(hasNul(pairs), true);
  assertEquals(toParams(pairs), { From: "a\ufffdb", "N\ufffd": ["1", "2"] });
  assertEquals(hasNul(parseForm("From=a%EF%BF%BDb")), false);
});

Deno.test("a form has at most ten thousand parameters", () => {
  assertEquals(hasTooMany("a=1&".repeat(9_999)), false);
  assertEquals(hasTooMany("a=1&".repeat(10_000)), true);
});

Deno.test("a Content-Length that is not a number lifts no limit", async () => {
  for (const declared of ["abc", "", "-1", "1e9", "NaN"]) {
    const request = new Request("http://x", { method: "POST", body: "0123456789" });
    // The platform's server refuses such a request before; a Request made here takes the header as it is.
    const odd = new Proxy(request, {
      get(target, name) {
        if (name === "headers") return new Map([["content-length", declared]]);
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    assertEquals(await readBody(odd, 9), null);
  }
});

Deno.test("a body is read up to its limit, whatever it says of its length", async () => {
  const post = (body: BodyInit) => new Request("http://x", { method: "POST", body });
  const stream = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 10; i++) controller.enqueue(new TextEncoder().encode("0123456789"));
      controller.close();
    },
  });

  assertEquals(await readBody(post("äöü"), 6), "äöü");
  assertEquals(await readBody(post(stream), 99), null);
});

Deno.test("a request is a voice request only if it carries no mark of another kind", () => {
  const voice = { CallSid: "CA1", CallStatus: "ringing", Direction: "inbound", ApiVersion: "2010-04-01" };

  assertEquals(kindOf(voice), "voice");
  for (const missing of Object.keys(voice)) {
    const { [missing as keyof typeof voice]: _, ...rest } = voice;
    assertEquals(kindOf(rest), "other");
  }
  for (const mark of ["ConferenceSid", "StreamSid", "TranscriptionSid", "QueueSid", "StatusCallbackEvent"]) {
    assertEquals(kindOf({ ...voice, [mark]: "x" }), "other");
  }
});

Deno.test("what a browser phone adds to its request changes no kind", () => {
  const voice = {
    From: "client:a",
    Direction: "inbound",
    CallStatus: "ringing",
    CallSid: "CA1",
    ApiVersion: "x",
  };
  const lures: Record<string, string>[] = [
    { RecordingSid: "RE1", RecordingStatus: "deleted" },
    { DialCallStatus: "completed" },
    { CallbackSource: "x" },
    { ConferenceSid: "CF1" },
    { ErrorCode: "1", ErrorUrl: "x" },
    { CallDuration: "9" },
    { RecordingUrl: "x" },
  ];

  for (const lure of lures) {
    assertEquals(kindOf({ ...voice, ...lure }), "voice");
    assertEquals(
      kindOf({ ...voice, ...lure, From: ["client:a", "x"], Direction: ["inbound", "x"] }),
      "voice",
    );
    assertEquals(kindOf({ ...voice, ...lure, From: "sip:a@b.example" }), "voice");
    const action = { ...voice, ...lure, CallStatus: "in-progress", DialCallStatus: "busy" };
    assertEquals(kindOf(action), "dial-action");
    const end = { ...voice, ...lure, CallStatus: "completed", CallbackSource: "call-progress-events" };
    assertEquals(kindOf(end), "status");
  }
});

Deno.test("users are told from API keys and nonsense", () => {
  const token = (claims: unknown) => `e30.${btoa(JSON.stringify(claims)).replaceAll("=", "")}.sig`;
  const user = (authorization?: string) =>
    userOf(new Request("http://x", { headers: authorization === undefined ? {} : { authorization } }))?.id;
  const sub = "11111111-2222-4333-8444-555555555555";

  assertEquals(user(`Bearer ${token({ role: "authenticated", sub })}`), sub);
  for (
    const claims of [
      { role: "anon", sub },
      { role: "authenticated" },
      { role: "authenticated", sub: "x" },
      null,
      1,
    ]
  ) {
    assertEquals(user(`Bearer ${token(claims)}`), undefined);
  }
  for (const header of [undefined, "", "Basic x", "Bearer sb_secret_x", "Bearer a.b.c"]) {
    assertEquals(user(header), undefined);
  }
});

Deno.test("an agent is rung first with what connects the lead; every URL carries the call's row on", () => {
  const settings = settingsWith({ record: "record-from-answer", announcement: "Recorded.", ringSeconds: 20 });
  const order = parseOrder(JSON.stringify({ to: LEAD, agent: "client:bob" }), settings);
  const params = callParams(order, settings, "11111111-2222-4333-8444-555555555555");
  const url = `${WEBHOOK}?place=11111111-2222-4333-8444-555555555555#rc=3&rp=ct,rt,5xx`;

  assertEquals([params.To, params.From, params.Url, params.Timeout], ["client:bob", OURS, undefined, "20"]);
  assertEquals([params.StatusCallback, params.StatusCallbackEvent], [url, settings.statusEvents]);
  const twiml = params.Twiml as string;
  assertIncludes(twiml, `callerId="${OURS}" record="record-from-answer"`);
  assertIncludes(twiml, `url="${url.replaceAll("&", "&amp;")}">${LEAD}</Number>`);
  assertEquals(twiml.length <= 4000, true);
});

Deno.test("without an agent Twilio asks what to do once the lead is there", () => {
  const settings = settingsWith({});
  const params = callParams(parseOrder(JSON.stringify({ to: LEAD }), settings), settings, "p");

  assertEquals([params.To, params.Url, params.Twiml], [
    LEAD,
    `${WEBHOOK}?place=p#rc=3&rp=ct,rt,5xx`,
    undefined,
  ]);
});

Deno.test("byte ranges of RFC 9110", () => {
  assertEquals(parseRange("bytes=0-9", 100), { start: 0, end: 9 });
  assertEquals(parseRange("bytes=90-", 100), { start: 90, end: 99 });
  assertEquals(parseRange("bytes=90-200", 100), { start: 90, end: 99 });
  assertEquals(parseRange("bytes=-10", 100), { start: 90, end: 99 });
  assertEquals(parseRange("bytes=-200", 100), { start: 0, end: 99 });
  assertEquals(parseRange("bytes=100-", 100), "unsatisfiable");
  assertEquals(parseRange("bytes=-0", 100), "unsatisfiable");
  for (const ignored of [null, "", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,3-4", "lines=0-1"]) {
    assertEquals(parseRange(ignored, 100), null);
  }
});

Deno.test("a slice passes on its bytes and nothing else, across chunks", async () => {
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of [[0, 1, 2], [3, 4], [5, 6, 7, 8]]) controller.enqueue(new Uint8Array(chunk));
      controller.close();
    },
  });
  const bytes = await new Response(source.pipeThrough(sliceStream({ start: 2, end: 5 }))).bytes();

  assertEquals([...bytes], [2, 3, 4, 5]);
});
