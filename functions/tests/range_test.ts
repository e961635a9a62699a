import { parseRange, sliceStream } from "../recording/range.ts";
import { assertEquals } from "./assert.ts";

Deno.test("byte ranges of RFC 9110", () => {
  assertEquals(parseRange("bytes=0-9", 100), { start: 0, end: 9 });
  assertEquals(parseRange("bytes=90-", 100), { start: 90, end: 99 });
  assertEquals(parseRange("bytes=90-200", 100), { start: 90, end: 99 });
  assertEquals(parseRange("bytes=-10", 100), { start: 90, end: 99 });
  assertEquals(parseRange("bytes=-200", 100), { start: 0, end: 99 });
  assertEquals(parseRange("bytes=100-", 100), "unsatisfiable");
  assertEquals(parseRange("bytes=-0", 100), "unsatisfiable");
  assertEquals(parseRange("bytes=-1", 0), "unsatisfiable");
  assertEquals(parseRange("bytes=0-", 0), "unsatisfiable");
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

Deno.test("what comes after a range is not waited for", async () => {
  const endless = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new Uint8Array([0, 1, 2]));
    },
  });

  assertEquals([...await new Response(endless.pipeThrough(sliceStream({ start: 1, end: 2 }))).bytes()], [
    1,
    2,
  ]);
});
