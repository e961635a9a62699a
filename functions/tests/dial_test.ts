import { isDialable } from "../_shared/dial.ts";
import { assertEquals, assertNot } from "./assert.ts";
import { AGENT } from "./samples.ts";

Deno.test("what <Dial> can ring", () => {
  for (const good of [AGENT, "sip:a@b.example", "sips:a@b.example;x=y", "client:bob_1"]) {
    assertEquals(isDialable(good), true);
  }
  for (const bad of ["", "555", "+0123456789", "sip:a b@c", "sip:a", "client:", "client:<x>", "http://x"]) {
    assertNot(isDialable(bad), bad);
  }
});
