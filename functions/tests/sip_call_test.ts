import { parse, parseFallback, wantsTwiml } from "../_shared/callback.ts";
import type { Params } from "../_shared/form.ts";
import type { NumberSettings, Settings, SipDomain } from "../_shared/settings.ts";
import { sipCall } from "../_shared/sip_call.ts";
import { twimlForFallback, twimlForRequest } from "../_shared/twiml_for_request.ts";
import { assertEquals, assertIncludes, assertNot } from "./assert.ts";
import { AGENT, fromPhone, incoming, LEAD, OURS, PHONES, settingsWith } from "./samples.ts";

const MESSAGE = { greeting: "Hi.", maxLength: 60 };

function settings(domain: SipDomain, number: NumberSettings = {}, changes: Partial<Settings> = {}): Settings {
  return settingsWith(number, { sipDomains: { [PHONES]: domain }, ...changes });
}

function answerTo(params: Params, given: Settings): string {
  const request = parse(params);
  if (!wantsTwiml(request)) throw new Error(`Twilio does not execute the answer to a ${request.kind}`);
  return twimlForRequest(request, given, "");
}

Deno.test("what a phone dialed: a number with its country code, or a name", () => {
  const dialed = (to: string) => sipCall("sip:a@x", to, settings({}))?.dialed;

  assertEquals(dialed(`sip:+15550001111@${PHONES}`), LEAD);
  assertEquals(dialed(`sip:%2B15550001111@${PHONES}`), LEAD);
  assertEquals(dialed(`sips:0015550001111@crm.sip.us1.twilio.com:5061;transport=tls`), LEAD);
  assertEquals(dialed(`sip:011442071234567@${PHONES.toUpperCase()}`), "+442071234567");
  assertEquals(dialed(`sip:1-555-000-1111@${PHONES}`), LEAD);
  assertEquals(dialed(`sip:5550001111@${PHONES}`), "5550001111"); // its country is not certain
  assertEquals(dialed(`sip:+15550001111;phone-context=x@${PHONES}`), LEAD);
  assertEquals(dialed(`sip:%E0%A4%A@${PHONES}`), "%E0%A4%A");
  assertEquals(dialed(`sip:sales@${PHONES}`), "sales");
  assertEquals(dialed(`sip:sales@other.sip.twilio.com`), undefined);
  assertEquals(dialed(`sip:sales@evil.example?x=@${PHONES}`), undefined);
  assertEquals(dialed("sip:sales@constructor"), undefined);
  assertEquals(dialed(OURS), undefined);
  assertEquals(sipCall("sip:a@x", `sip:sales@${PHONES}`, settingsWith({})), null);
  assertEquals(sipCall("client:a", `sip:sales@${PHONES}`, settings({})), null);
});

Deno.test("a phone reaches our own numbers, as anybody who calls them", () => {
  const xml = answerTo(fromPhone(OURS), settings({}, { forwardTo: [AGENT] }));

  assertIncludes(xml, `callerId="${OURS}"`);
  assertIncludes(xml, `>${AGENT}</Number>`);
});

Deno.test("a phone calls other numbers only where its domain may, within the allowed countries", () => {
  assertIncludes(answerTo(fromPhone(LEAD), settings({})), "may not call other numbers");
  assertIncludes(answerTo(fromPhone(LEAD), settings({ outgoing: null })), "may not call other numbers");
  const may = settings({ outgoing: true });
  assertIncludes(answerTo(fromPhone(LEAD), may), `callerId="${OURS}"`);
  assertIncludes(answerTo(fromPhone(LEAD), may), `>${LEAD}</Number>`);
  assertIncludes(answerTo(fromPhone("0044207123456"), may), "country are not allowed");
  const other = settings({ outgoing: true, callerId: "+15559998888" });
  assertIncludes(answerTo(fromPhone(LEAD), other), 'callerId="+15559998888"');
  assertIncludes(answerTo(fromPhone(LEAD), { ...may, numbers: {} }), "no number to call from");
});

Deno.test("a name rings whom the domain says, else whom the defaults say, with a number as caller ID", () => {
  const defaults = { forwardTo: [AGENT], voicemail: MESSAGE };
  const own = answerTo(fromPhone("sales"), settings({ forwardTo: ["client:bob"] }, {}, { defaults }));
  assertIncludes(own, ">bob</Client>");
  const xml = answerTo(fromPhone("sales"), settings({}, {}, { defaults }));
  assertIncludes(xml, `>${AGENT}</Number>`);
  assertIncludes(xml, `callerId="${OURS}"`);
});

Deno.test("a domain that the settings do not name is an incoming call, as before", () => {
  const params = fromPhone("sales", { To: "sip:sales@other.sip.twilio.com" });
  const xml = answerTo(params, settings({}, {}, { defaults: { forwardTo: [AGENT] } }));

  assertIncludes(xml, `>${AGENT}</Number>`);
  assertNot(xml.includes("callerId"), xml);
});

Deno.test("an agent whose call nobody answered leaves no message; who called us may", () => {
  const given = settings({ outgoing: true }, { voicemail: MESSAGE }, { defaults: { voicemail: MESSAGE } });
  const after = (dialed: string) =>
    answerTo(fromPhone(dialed, { CallStatus: "in-progress", DialCallStatus: "no-answer" }), given);

  assertNot(after(LEAD).includes("<Record"), after(LEAD));
  assertIncludes(after(OURS), "<Record");
  assertIncludes(after("sales"), "<Record");
});

Deno.test("the fallback connects a phone's call as well, and relies on nothing after it", () => {
  const given = settings({ outgoing: true }, { forwardTo: [AGENT] }, { defaults: { voicemail: MESSAGE } });
  const answer = (dialed: string) => twimlForFallback(parseFallback(fromPhone(dialed)), given);

  assertIncludes(answer(LEAD), `>${LEAD}</Number>`);
  assertNot(answer(LEAD).includes("action="), answer(LEAD));
  assertIncludes(answer(OURS), `>${AGENT}</Number>`);
  assertNot(answer("sales").includes("<Record"), answer("sales"));
});

Deno.test("a caller from a browser cannot pass for a phone of a domain", () => {
  const given = settings({ outgoing: true });
  const xml = answerTo(
    incoming({ From: "client:bob", To: `sip:${LEAD}@${PHONES}`, SipDomain: PHONES }),
    given,
  );

  assertIncludes(xml, "This is not a phone number");
});

Deno.test("a phone that dials one of our numbers shows it, unless the number has a caller ID of its own", () => {
  const second = "+15551234568";
  const given = settings({ callerId: "+15559998888" }, {}, {
    numbers: { [OURS]: {}, [second]: { callerId: "+15557770000" } },
    defaults: { forwardTo: [AGENT] },
  });

  assertIncludes(answerTo(fromPhone(OURS), given), `callerId="${OURS}"`);
  assertIncludes(answerTo(fromPhone(second), given), 'callerId="+15557770000"');
  assertIncludes(answerTo(fromPhone("sales"), given), 'callerId="+15559998888"');
});
