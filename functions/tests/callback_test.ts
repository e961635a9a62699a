import { parse, parseFallback, wantsTwiml } from "../_shared/callback.ts";
import type { Params } from "../_shared/form.ts";
import { assertEquals } from "./assert.ts";

const kindOf = (params: Params) => parse(params).kind;

Deno.test("a request is a voice request only if it carries no mark of another kind", () => {
  const voice = { CallSid: "CA1", CallStatus: "ringing", Direction: "inbound", ApiVersion: "2010-04-01" };

  assertEquals(kindOf(voice), "voice");
  for (const missing of Object.keys(voice)) {
    const { [missing as keyof typeof voice]: _, ...rest } = voice;
    assertEquals(kindOf(rest), "other");
  }
  // Twilio docs: the callbacks of conferences, queues, streams, transcriptions, payments, messages, Siprec, transfers
  // and answering machine detection.
  const marks =
    "ConferenceSid StreamSid StreamEvent TranscriptionSid TranscriptionStatus TranscriptionEvent QueueSid QueueResult " +
    "StatusCallbackEvent PaymentSid MessageSid MessageStatus SiprecSid ReferTransferTarget AmdStatus";
  for (const mark of marks.split(" ")) {
    assertEquals([mark, kindOf({ ...voice, [mark]: "x" })], [mark, "other"]);
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
    for (const From of ["sip:a@b.example", "sips:a@b.example"]) {
      assertEquals(kindOf({ ...voice, ...lure, From }), "voice");
    }
    const action = { ...voice, ...lure, CallStatus: "in-progress", DialCallStatus: "busy" };
    assertEquals(kindOf(action), "dial-action");
    const end = { ...voice, ...lure, CallStatus: "completed", CallbackSource: "call-progress-events" };
    assertEquals(kindOf(end), "status");
  }
});

Deno.test("each request of a call has its kind for every caller, and the kind says whether it needs TwiML", () => {
  const recording = { RecordingSid: "RE1", RecordingUrl: "https://x.example/RE1" };
  const cases: [string, Params, string, boolean][] = [
    ["ringing", {}, "voice", true],
    ["in-progress", {}, "voice", true],
    ["in-progress", { ErrorCode: "11200", ErrorUrl: "https://x.example" }, "fallback", true],
    ["in-progress", recording, "record-action", true],
    ["completed", recording, "record-action", true],
    ["in-progress", { DialCallStatus: "busy", ...recording }, "dial-action", true],
    ["completed", { ...recording, CallDuration: "9" }, "status", false],
    ["completed", {}, "status", false],
    ["canceled", { CallbackSource: "call-progress-events" }, "status", false],
    ["in-progress", { QueueSid: "QU1" }, "other", false],
  ];
  for (const From of ["+15550001111", "client:bob", "sip:bob@pbx.example", "sips:bob@pbx.example"]) {
    const call = { CallSid: "CA1", Direction: "inbound", ApiVersion: "2010-04-01", From };
    for (const [CallStatus, more, kind, needed] of cases) {
      const request = parse({ ...call, CallStatus, ...more });
      const context = { From, CallStatus, ...more };
      assertEquals([context, request.kind, wantsTwiml(request)], [context, kind, needed]);
    }
  }
  assertEquals(parse({ ...recording, CallSid: "CA1", RecordingStatus: "completed" }).kind, "recording");
});

Deno.test("a request for TwiML says who is on the leg, and what its dial came to", () => {
  const base = { CallSid: `CA${"1".repeat(32)}`, CallStatus: "ringing", ApiVersion: "2010-04-01", To: "+1" };
  const legs: [Params, string][] = [
    [{ Direction: "inbound", From: "+15550001111" }, "incoming"],
    [{ Direction: "inbound", From: "client:bob" }, "browser"],
    [{ Direction: "inbound", From: "sip:bob@pbx.example" }, "incoming"],
    [{ Direction: "outbound-api", From: "+15550001111" }, "placed"],
    [{ Direction: "outbound-api", From: "client:bob" }, "placed"],
    [{ Direction: "outbound-dial", From: "+15550001111" }, "dialed"],
  ];
  for (const [params, leg] of legs) {
    const request = parse({ ...base, ...params });
    assertEquals([request.kind, "leg" in request && request.leg], ["voice", leg]);
  }
  for (const [outcome, answered] of [["completed", true], ["answered", true], ["busy", false], ["", false]]) {
    const request = parse({ ...base, Direction: "inbound", DialCallStatus: outcome as string });
    assertEquals([request.kind, "answered" in request && request.answered], ["dial-action", answered]);
  }
});

Deno.test("only a CallSid of Twilio's form is read as one", () => {
  const sid = `CA${"a".repeat(32)}`;
  assertEquals(parse({ CallSid: sid }).callSid, sid);
  for (const CallSid of ["", "CA1", `${sid}\n`, `x${sid}`, [sid, sid]]) {
    assertEquals(parse({ CallSid }).callSid, undefined);
    assertEquals(parseFallback({ CallSid }).callSid, undefined);
  }
});

Deno.test("a fallback request is one whatever it contains, and only an error's code is read as one", () => {
  assertEquals(parseFallback({ RecordingSid: "RE1", RecordingStatus: "x" }).kind, "fallback");
  for (
    const [code, read] of [["11200", "11200"], ["112000", undefined], ["+1555", undefined], ["", undefined]]
  ) {
    assertEquals(parseFallback({ ErrorCode: code as string }).errorCode, read);
  }
});
