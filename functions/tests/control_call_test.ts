import type { CallRow } from "../_shared/database.ts";
import { isOwnCall, leadWasDialed, transferTwiml } from "../control-call/order.ts";
import { assertEquals, assertIncludes, assertNot } from "./assert.ts";
import { AGENT, INCOMING, LEAD, OURS, settingsWith } from "./samples.ts";

const COLLEAGUE = "+15557650000";

function row(changes: Partial<CallRow> = {}): CallRow {
  return { ...INCOMING, ...changes };
}

const PLACED = { direction: "outbound-api", from_number: OURS, to_number: AGENT, dial_number: LEAD };

Deno.test("a call is this environment's by its account and by the number that it uses", () => {
  const settings = settingsWith({}, { defaults: { callerId: "+15559990000" } });
  const own = [
    row(),
    row({ ...PLACED, agent_first: true }),
    row({ ...PLACED, from_number: "+15559990000" }),
    row({ from_number: "client:bob", to_number: LEAD }),
  ];
  const others = [
    row({ account_sid: `AC${"9".repeat(32)}` }),
    row({ to_number: "+15558880000" }),
    row({ to_number: null }),
    row({ ...PLACED, from_number: "+15558880000" }),
    row({ from_number: "sip:bob@pbx.example.com", to_number: "sip:desk@pbx.example.com" }),
    row({ to_number: "constructor" }),
    row({ ...PLACED, from_number: "client:bob" }),
  ];
  assertEquals(own.map((call) => isOwnCall(call, settings)), own.map(() => true));
  assertEquals(others.map((call) => isOwnCall(call, settings)), others.map(() => false));
});

Deno.test("the lead is on the leg that was dialed, where the first leg is an agent's", () => {
  const cases: [Partial<CallRow>, boolean][] = [
    [{}, false],
    [{ ...PLACED, agent_first: true }, true],
    [{ ...PLACED, agent_first: false }, false],
    [PLACED, true],
    [{ ...PLACED, dial_number: null }, false],
    [{ from_number: "client:bob", to_number: LEAD }, true],
  ];
  for (const [changes, dialed] of cases) {
    assertEquals([changes, leadWasDialed(row(changes))], [changes, dialed]);
  }
});

Deno.test("a transfer rings the other phone as the number's settings say, and reports every step", () => {
  const settings = settingsWith({ record: "record-from-answer", ringSeconds: 20 });

  const incoming = transferTwiml(row(), COLLEAGUE, settings);
  const placed = transferTwiml(row({ ...PLACED, agent_first: true }), COLLEAGUE, settings);

  for (
    const part of [
      `>${COLLEAGUE}</Number>`,
      'timeout="20"',
      'record="record-from-answer"',
      "initiated ringing",
    ]
  ) {
    assertIncludes(incoming, part);
    assertIncludes(placed, part);
  }
  assertNot(incoming.includes("callerId"), "a caller ID in place of the caller's number");
  assertIncludes(placed, `callerId="${OURS}"`);
});

Deno.test("a transferred call shows the number's own caller ID, or for a softphone's call one of our numbers", () => {
  const own = settingsWith({ callerId: "+15559998888" });
  assertIncludes(transferTwiml(row(), COLLEAGUE, own), 'callerId="+15559998888"');
  const softphone = row({ from_number: "client:bob", to_number: LEAD });
  assertIncludes(transferTwiml(softphone, COLLEAGUE, settingsWith({})), `callerId="${OURS}"`);
  const withheld = row({ from_number: "anonymous" });
  assertIncludes(transferTwiml(withheld, COLLEAGUE, settingsWith({})), `callerId="${OURS}"`);
});
