import type { Database } from "../_shared/database.ts";
import { recordingHandler } from "../recording/handler.ts";
import { assertEquals } from "./assert.ts";
import { settingsWith } from "./samples.ts";

const ACCOUNT = "AC5a4db0c55a4db0c55a4db0c55a4db0c5";
const SID = "RE" + "1".repeat(32);

/** Plays a recording whose audio this answer of Twilio's is; returns the answer, and the request's Range. */
async function play(
  media: Response,
  range: string | null,
  method = "GET",
  status = "completed",
): Promise<[Response, string | null]> {
  let asked: string | null = "not asked";
  const twilio = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    asked = request.headers.get("range");
    return media;
  });
  const row = { recording_sid: SID, call_sid: "CA1", account_sid: ACCOUNT, status };
  const database = { recordingFor: () => Promise.resolve(row) } as unknown as Database;
  const account = {
    baseUrl: `http://127.0.0.1:${twilio.addr.port}`,
    accountSid: ACCOUNT,
    authorization: "Basic x",
  };
  const handler = recordingHandler({ settings: settingsWith({}), revision: "r", database, account });
  const claims = { role: "authenticated", sub: "11111111-2222-4333-8444-555555555555" };
  const headers = new Headers({
    authorization: `Bearer a.${btoa(JSON.stringify(claims)).replaceAll("=", "")}.c`,
  });
  if (range !== null) headers.set("range", range);
  try {
    const answer = await handler(new Request(`http://x/recording/${SID}`, { method, headers }));
    const body = await answer.arrayBuffer();
    return [new Response(body.byteLength > 0 ? body : null, answer), asked];
  } finally {
    await twilio.shutdown();
  }
}

Deno.test("a range that Twilio extracts, or does not have, is passed on", async () => {
  const part = new Response("cde", { status: 206, headers: { "content-range": "bytes 2-4/9" } });
  const [middle, asked] = await play(part, "bytes=2-4");
  assertEquals([middle.status, await middle.text(), asked], [206, "cde", "bytes=2-4"]);
  assertEquals(middle.headers.get("content-range"), "bytes 2-4/9");

  const beyond = new Response(null, { status: 416, headers: { "content-range": "bytes */9" } });
  const [nothing] = await play(beyond, "bytes=9-");
  assertEquals([nothing.status, nothing.headers.get("content-range")], [416, "bytes */9"]);
});

Deno.test("an error of Twilio is not passed on as audio", async () => {
  const [answer] = await play(new Response("oops", { status: 500 }), null);

  assertEquals([answer.status, (await answer.json()).code], [502, "twilio"]);
});

Deno.test("a HEAD request is answered with the headers and without the audio", async () => {
  const [answer] = await play(new Response("RIFF", { headers: { "content-length": "4" } }), null, "HEAD");

  assertEquals([answer.status, answer.headers.get("content-length"), await answer.text()], [200, "4", ""]);
});

Deno.test("Twilio is asked only for audio that it may have", async () => {
  for (
    const [status, code] of [["in-progress", 409], ["paused", 409], ["absent", 404], [
      "deleted",
      410,
    ]] as const
  ) {
    const [answer, asked] = await play(new Response("RIFF"), null, "GET", status);
    assertEquals([status, answer.status, asked], [status, code, "not asked"]);
  }
  assertEquals((await play(new Response("RIFF"), null, "GET", "processing"))[0].status, 200);
});
