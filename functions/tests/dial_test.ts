import { dial, isDialable, isE164 } from "../_shared/dial.ts";
import type { NumberSettings, Settings } from "../_shared/settings.ts";
import { assertEquals, assertIncludes, assertNot } from "./assert.ts";
import { AGENT, settingsWith } from "./samples.ts";

Deno.test("what <Dial> can ring", () => {
  for (const good of [AGENT, "sip:a@b.example", "sips:a@b.example;x=y", "client:bob_1"]) {
    assertEquals(isDialable(good), true);
  }
  for (const bad of ["", "555", "+0123456789", "sip:a b@c", "sip:a", "client:", "client:<x>", "http://x"]) {
    assertNot(isDialable(bad), bad);
  }
});

Deno.test("a phone number has 7 to 15 digits, a client's name at most 121 characters", () => {
  for (const good of ["+2901234", "+123456789012345"]) assertEquals([good, isE164(good)], [good, true]);
  for (const bad of ["+290123", "+1234567890123456", "+0123456789", "15551234567", "+1555123456 "]) {
    assertEquals([bad, isE164(bad)], [bad, false]);
  }
  assertEquals(["a".repeat(121), "a".repeat(122)].map((name) => isDialable(`client:${name}`)), [true, false]);
});

/** The TwiML of a <Dial> under these settings. */
function dialed(targets: string[], number: NumberSettings, changes: Partial<Settings> = {}): string {
  return dial(targets, number, settingsWith({}, changes), { query: "" });
}

Deno.test("a number's own events are those that its legs report; without events they name none", () => {
  const own = dialed([AGENT], { statusEvents: ["answered"] });
  assertIncludes(own, 'statusCallbackEvent="answered"');
  for (const none of [dialed([AGENT], { statusEvents: [] }), dialed([AGENT], {}, { statusEvents: [] })]) {
    assertNot(none.includes("statusCallbackEvent"), none);
    assertIncludes(none, "statusCallback=");
  }
});

Deno.test("one party is not a sequence, and a call that is not recorded reports no recording", () => {
  const xml = dialed([AGENT], { dialOrder: "sequential", record: "do-not-record", recordingTrack: "both" });

  assertIncludes(xml, 'record="do-not-record"');
  for (const word of ["sequential", "recordingTrack", "recordingStatusCallback"]) {
    assertNot(xml.includes(word), xml);
  }
});

Deno.test("a SIP address is one with TLS as well, and is escaped", () => {
  assertIncludes(dialed(["sips:a@b.example"], {}), ">sips:a@b.example</Sip>");
  assertIncludes(dialed(["sip:a@b.example?x=1&y=<2>"], {}), ">sip:a@b.example?x=1&amp;y=&lt;2&gt;</Sip>");
});
