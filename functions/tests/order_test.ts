import { callParams, parseOrder, reservation } from "../place-call/order.ts";
import { assertEquals, assertIncludes } from "./assert.ts";
import { AGENT, LEAD, OURS, settingsWith, WEBHOOK } from "./samples.ts";

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

Deno.test("a call whose steps nobody asked for names none", () => {
  const settings = settingsWith({ statusEvents: [] });
  const params = callParams(parseOrder(JSON.stringify({ to: LEAD }), settings), settings, "p");

  assertEquals([params.StatusCallbackEvent, params.Timeout], [undefined, undefined]);
});

Deno.test("a call is from the environment's caller ID or one of its numbers", () => {
  const own = "+15559998888";
  const settings = settingsWith({}, { defaults: { callerId: own } });
  const from = (from?: string) => parseOrder(JSON.stringify({ to: LEAD, from }), settings).from;

  assertEquals([from(), from(own), from(OURS)], [own, own, OURS]);
  for (const foreign of ["+15550009999", "", "constructor"]) {
    let refused = "";
    try {
      from(foreign);
    } catch (error) {
      refused = (error as { code?: string }).code ?? "";
    }
    assertEquals([foreign, refused], [foreign, "caller-id"]);
  }
});

Deno.test("the row of a call says whose leg it is and whom the CRM asked for, before anyone rings", () => {
  const reserved = (order: Record<string, string>) =>
    reservation(parseOrder(JSON.stringify({ to: LEAD, ...order }), settingsWith({})), "AC1");
  const both = { AccountSid: "AC1", From: OURS };

  assertEquals(reserved({ agent: AGENT, reference: "lead-42" }), {
    ...both,
    To: AGENT,
    AgentFirst: "true",
    Dial: LEAD,
    Reference: "lead-42",
  });
  assertEquals(reserved({}), { ...both, To: LEAD, AgentFirst: "false" });
});

Deno.test("a call is to a phone number, from a number of the environment, with a reference of 200 characters", () => {
  const code = (order: Record<string, string>, settings = settingsWith({})) => {
    try {
      return parseOrder(JSON.stringify(order), settings).to;
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };
  for (const to of ["bob", "client:bob", "sip:a@b.example", "5550001111", ""]) {
    assertEquals([to, code({ to })], [to, "bad-request"]);
  }
  assertEquals(code({ to: LEAD }, settingsWith({}, { numbers: {} })), "bad-request");
  assertEquals(code({ to: LEAD, reference: "x".repeat(200) }), LEAD);
});

Deno.test("Twilio asks with POST, and only a recorded call has a whisper", () => {
  const direct = callParams(
    parseOrder(JSON.stringify({ to: LEAD }), settingsWith({})),
    settingsWith({}),
    "p",
  );
  const settings = settingsWith({ record: "do-not-record", announcement: "Recorded." });
  const order = parseOrder(JSON.stringify({ to: LEAD, agent: AGENT }), settings);
  const params = callParams(order, settings, "p");

  assertEquals([direct.Method, direct.StatusCallbackMethod], ["POST", "POST"]);
  assertEquals([params.To, params.From, / url="/.test(params.Twiml as string)], [AGENT, OURS, false]);
});
