import { parse, parseFallback, wantsTwiml } from "../_shared/callback.ts";
import type { Params } from "../_shared/form.ts";
import type { NumberSettings, Settings } from "../_shared/settings.ts";
import { twimlForFallback, twimlForRequest } from "../_shared/twiml_for_request.ts";
import { assertEquals, assertIncludes, assertNot } from "./assert.ts";
import { AGENT, incoming, LEAD, OURS, settingsWith, WEBHOOK } from "./samples.ts";

const URL = `${WEBHOOK}#rc=3&amp;rp=ct,rt,5xx`;
const CALLBACKS = `statusCallback="${URL}" statusCallbackEvent="initiated ringing answered completed" ` +
  `statusCallbackMethod="POST"`;

function answerTo(
  number: NumberSettings,
  params: Params = incoming(),
  changes: Partial<Settings> = {},
): string {
  const request = parse(params);
  if (!wantsTwiml(request)) throw new Error(`Twilio does not execute the answer to a ${request.kind}`);
  const xml = twimlForRequest(request, settingsWith(number, changes), "");
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
  assertEquals(xml.slice(0, declaration.length), declaration);
  return xml.slice(declaration.length);
}

Deno.test("an incoming call is forwarded, recorded and reported as the settings say", () => {
  const xml = answerTo({
    forwardTo: [AGENT],
    ringSeconds: 25,
    record: "record-from-answer-dual",
    recordingTrack: "both",
  });

  assertEquals(
    xml,
    `<Response><Dial action="${URL}" method="POST" timeout="25" record="record-from-answer-dual" ` +
      `recordingTrack="both" recordingStatusCallback="${URL}" recordingStatusCallbackMethod="POST" ` +
      `recordingStatusCallbackEvent="in-progress completed absent">` +
      `<Number ${CALLBACKS}>${AGENT}</Number></Dial></Response>`,
  );
});

Deno.test("<Dial> itself never carries a leg's callback, which Twilio would warn of", () => {
  const tag = /<Dial[^>]*>/.exec(answerTo({ forwardTo: [AGENT] }))![0];

  assertNot(tag.includes("statusCallback="), tag);
});

Deno.test("numbers, SIP addresses and clients ring together, each as its own noun", () => {
  const xml = answerTo({ forwardTo: [AGENT, "sip:sales@example.com;transport=tls", "client:bob"] });

  assertIncludes(xml, `<Number ${CALLBACKS}>${AGENT}</Number>`);
  assertIncludes(xml, `<Sip ${CALLBACKS}>sip:sales@example.com;transport=tls</Sip>`);
  assertIncludes(xml, `<Client ${CALLBACKS}>bob</Client>`);
  assertNot(xml.includes("sequential"), xml);
});

Deno.test("one after the other where the settings say so, and at most ten", () => {
  assertIncludes(answerTo({ forwardTo: [AGENT, LEAD], dialOrder: "sequential" }), ' sequential="true"');
  const many = answerTo({ forwardTo: Array.from({ length: 12 }, (_, i) => `client:c${i}`) });

  assertEquals(many.split("<Client").length - 1, 10);
});

Deno.test("the caller's number is shown, else ours, or the one of the settings", () => {
  assertNot(answerTo({ forwardTo: [AGENT] }).includes("callerId"), "passed through by Twilio");
  assertIncludes(answerTo({ forwardTo: [AGENT] }, incoming({ From: "anonymous" })), `callerId="${OURS}"`);
  assertIncludes(answerTo({ forwardTo: [AGENT], callerId: "+15559998888" }), 'callerId="+15559998888"');
});

Deno.test("a recorded call is announced, an unrecorded one is not", () => {
  const announcement = "This call is recorded for <quality> & training.";
  const said = "<Response><Say>This call is recorded for &lt;quality&gt; &amp; training.</Say><Dial";

  assertIncludes(answerTo({ forwardTo: [AGENT], record: "record-from-answer", announcement }), said);
  assertNot(
    answerTo({ forwardTo: [AGENT], record: "do-not-record", announcement }).includes("<Say>"),
    "said",
  );
});

Deno.test("rejecting comes first and is all there is", () => {
  assertEquals(
    answerTo({ forwardTo: [AGENT], reject: "busy" }),
    '<Response><Reject reason="busy"/></Response>',
  );
});

Deno.test("nobody to forward to: voicemail, or a sentence", () => {
  assertIncludes(
    answerTo({ voicemail: { greeting: "Hi.", maxLength: 60 } }),
    '<Say>Hi.</Say><Record maxLength="60" action="',
  );
  assertIncludes(answerTo({}), "<Say>Thank you for calling.");
  assertIncludes(answerTo({}), "<Hangup/></Response>");
});

Deno.test("settings of null are like absent ones", () => {
  const nothing = { reject: null, voicemail: null, record: null, announcement: null, ringSeconds: null };
  const xml = answerTo({ forwardTo: [AGENT], ...nothing } as unknown as NumberSettings);

  assertNot(xml.includes("null"), xml);
  assertIncludes(xml, "<Response><Dial action");
});

Deno.test("after a dial only an unanswered caller who is still there hears the voicemail", () => {
  const number = { voicemail: { greeting: "Hi.", maxLength: 60 } };
  const after = (changes: Params) =>
    answerTo(number, incoming({ CallStatus: "in-progress", DialCallStatus: "no-answer", ...changes }));
  const hangup = "<Response><Hangup/></Response>";

  assertIncludes(after({}), "<Say>Hi.</Say><Record ");
  for (const outcome of ["busy", "failed", "canceled"]) {
    assertIncludes(after({ DialCallStatus: outcome }), "<Record ");
  }
  assertEquals(after({ DialCallStatus: "completed" }), hangup);
  assertEquals(after({ DialCallStatus: "answered" }), hangup);
  for (const over of ["completed", "busy", "no-answer", "failed", "canceled"]) {
    assertEquals(after({ CallStatus: over }), hangup);
  }
  assertEquals(after({ From: "client:bob" }), hangup);
  assertEquals(after({ Direction: "outbound-api" }), hangup);
  assertEquals(answerTo(number, incoming({ RecordingUrl: "x" })), hangup);
});

Deno.test("a call from a browser dials its number with the environment's caller ID, within its countries", () => {
  const from = (To: string) => answerTo({ ringSeconds: 20 }, incoming({ From: "client:agent_1", To }));

  assertIncludes(from(LEAD), `timeout="20" callerId="${OURS}"`);
  assertIncludes(from(LEAD), `>${LEAD}</Number>`);
  const other = { defaults: { callerId: "+15559998888" } };
  assertIncludes(
    answerTo({}, incoming({ From: "client:agent_1", To: LEAD }), other),
    'callerId="+15559998888"',
  );
  for (const to of ["+442071838750", "+18765551234", "+19005551234", "alice", ""]) {
    assertNot(from(to).includes("<Dial"), from(to));
    assertIncludes(from(to), "<Say>");
  }
});

Deno.test("a placed call that was picked up is connected to where its number's calls go", () => {
  const params = incoming({ Direction: "outbound-api", CallStatus: "in-progress", From: OURS, To: LEAD });

  assertIncludes(
    answerTo({ forwardTo: [AGENT] }, params),
    `callerId="${OURS}"><Number ${CALLBACKS}>${AGENT}</Number>`,
  );
  assertIncludes(answerTo({}, params), "<Hangup/>");
});

Deno.test("a whisper says to the dialed party what the law requires, and nothing else", () => {
  const params = incoming({ Direction: "outbound-dial", From: OURS, To: LEAD });
  const number: NumberSettings = {
    forwardTo: [AGENT],
    record: "record-from-answer",
    announcement: "Recorded.",
  };

  assertEquals(answerTo(number, params), "<Response><Say>Recorded.</Say></Response>");
  assertEquals(answerTo({}, params), "<Response/>");
});

Deno.test("a number that is not listed has the defaults", () => {
  const xml = answerTo({}, incoming({ To: "+15551110000" }), { defaults: { forwardTo: [AGENT] } });

  assertIncludes(xml, `>${AGENT}</Number>`);
});

Deno.test("the fallback forwards a ringing call, asks nobody afterwards, and repeats no conversation", () => {
  const number: NumberSettings = {
    forwardTo: [AGENT],
    ringSeconds: 25,
    voicemail: { greeting: "Hi.", maxLength: 60 },
  };
  const ringing = twimlForFallback(parseFallback(incoming()), settingsWith(number));

  assertIncludes(ringing, '<Response><Dial timeout="25"><Number ');
  assertNot(ringing.includes("action="), ringing);
  assertNot(
    twimlForFallback(parseFallback(incoming({ CallStatus: "in-progress" })), settingsWith(number)).includes(
      "<Dial",
    ),
    "dials",
  );
  assertIncludes(
    twimlForFallback(
      parseFallback(incoming()),
      settingsWith({ voicemail: { greeting: "Hi.", maxLength: 60 } }),
    ),
    "<Say>Thank you",
  );
});

Deno.test("what XML cannot carry is left out", () => {
  assertIncludes(
    answerTo({ voicemail: { greeting: "a\u0000b\u000bc\"d'", maxLength: 60 } }),
    "<Say>abc&quot;d&apos;</Say>",
  );
});

Deno.test("a call may be rejected in either of Twilio's ways", () => {
  for (const reason of ["busy", "rejected"] as const) {
    assertEquals(answerTo({ reject: reason }), `<Response><Reject reason="${reason}"/></Response>`);
  }
});

Deno.test("a number's own settings take precedence over the defaults", () => {
  const defaults = { forwardTo: [LEAD], ringSeconds: 10, record: "record-from-answer" as const };
  const xml = answerTo({ forwardTo: [AGENT], ringSeconds: 20 }, incoming(), { defaults });

  assertIncludes(xml, `timeout="20" record="record-from-answer"`);
  assertIncludes(xml, `>${AGENT}</Number>`);
  assertNot(xml.includes(`>${LEAD}<`), xml);
});

Deno.test("a message is reported in every step, and the call's next requests keep their row", () => {
  const request = parse(incoming({ CallStatus: "in-progress", DialCallStatus: "no-answer" }));
  if (!wantsTwiml(request)) throw new Error(request.kind);
  const settings = settingsWith({ voicemail: { greeting: "Hi.", maxLength: 60 } });
  const url = `${WEBHOOK}?place=p#rc=3&amp;rp=ct,rt,5xx`;

  assertIncludes(
    twimlForRequest(request, settings, "?place=p"),
    `<Record maxLength="60" action="${url}" method="POST" recordingStatusCallback="${url}" ` +
      `recordingStatusCallbackMethod="POST" recordingStatusCallbackEvent="in-progress completed absent"/>`,
  );
});

const RECORDED: NumberSettings = {
  record: "record-from-answer",
  announcement: "Recorded.",
  forwardTo: [AGENT],
};

Deno.test("a person who is recorded hears so: the lead of a placed call, and who is called from a browser", () => {
  const placed = incoming({ Direction: "outbound-api", CallStatus: "in-progress", From: OURS, To: LEAD });
  assertIncludes(answerTo(RECORDED, placed), "<Response><Say>Recorded.</Say><Dial ");
  const browser = incoming({ From: "client:agent_1", To: LEAD });
  assertIncludes(answerTo(RECORDED, browser), ` url="${URL}">${LEAD}</Number>`);
  assertNot(answerTo({ forwardTo: [AGENT] }, browser).includes(' url="'), "a whisper without a recording");
});

Deno.test("the fallback connects a browser's call, and relies on nothing after it", () => {
  const request = parseFallback(incoming({ From: "client:agent_1", To: LEAD }));
  const xml = twimlForFallback(request, settingsWith({ forwardTo: [AGENT] }));

  assertIncludes(xml, `>${LEAD}</Number>`);
  assertNot(xml.includes("action="), xml);
});
