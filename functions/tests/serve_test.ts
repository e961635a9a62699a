// deno-lint-ignore-file no-console

import { serve } from "../_shared/serve.ts";
import { assertEquals } from "./assert.ts";

/** The lines that are logged in the meantime, parsed. */
async function logged(act: () => Promise<unknown>): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  const original = console.log;
  console.log = (text: string) => lines.push(JSON.parse(text));
  try {
    await act();
  } finally {
    console.log = original;
  }
  return lines;
}

Deno.test("one line is logged for each request, with what the function noted", async () => {
  const handler = serve("recording", "r1", (_, line) => {
    line.call_sid = "CA1";
    return Promise.resolve(new Response(null, { status: 204 }));
  });

  const [line, ...more] = await logged(() => handler(new Request("http://x")));

  assertEquals(more, []);
  assertEquals({ ...line, ms: 0 }, {
    function: "recording",
    revision: "r1",
    status: 204,
    ms: 0,
    call_sid: "CA1",
  });
});

Deno.test("a request that could not be served is logged with the error's name and without its text", async () => {
  const handler = serve(
    "recording",
    "r1",
    () => Promise.reject(new TypeError("+15550001111 is not iterable")),
  );
  let raised: unknown;

  const lines = await logged(() => handler(new Request("http://x")).catch((error) => raised = error));

  assertEquals(lines.map(({ status, reason }) => [status, reason]), [[500, "TypeError"]]);
  assertEquals(raised instanceof TypeError, true);
});
