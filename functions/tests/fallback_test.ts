// deno-lint-ignore-file no-console

import { signedTexts } from "../_shared/signature.ts";
import { fallbackHandler } from "../twilio-fallback/handler.ts";
import { assertEquals, assertIncludes, assertNot } from "./assert.ts";
import { AGENT, incoming, settingsWith, signatureOf, TOKEN } from "./samples.ts";

const ACCOUNT = {
  AccountSid: "AC5a4db0c55a4db0c55a4db0c55a4db0c5",
  ErrorCode: "11200",
  ErrorUrl: "https://x",
};

/** Sends a request of Twilio; returns the answer and the line of the log. */
async function send(params: Record<string, string>, headers: Record<string, string> = {}) {
  const body = new URLSearchParams(params);
  const [text = ""] = signedTexts("https://abc.supabase.co/functions/v1/twilio-fallback", [...body]);
  const handler = fallbackHandler({
    settings: settingsWith({ forwardTo: [AGENT] }),
    revision: "r7",
    secrets: { tokens: [TOKEN], keys: new Map() },
  });
  let line: Record<string, unknown> = {};
  const log = console.log;
  console.log = (text: string) => line = JSON.parse(text);
  try {
    const all = { "x-twilio-signature": await signatureOf(text), ...headers };
    const answer = await handler(
      new Request("http://inside/twilio-fallback", { method: "POST", headers: all, body }),
    );
    return { answer, text: await answer.text(), line };
  } finally {
    console.log = log;
  }
}

Deno.test("a ringing call is forwarded, and the log says why Twilio asked here", async () => {
  const params = incoming(ACCOUNT) as Record<string, string>;
  const { answer, text, line } = await send(params);

  assertEquals([answer.status, answer.headers.get("content-type")], [200, "text/xml; charset=utf-8"]);
  assertIncludes(text, `>${AGENT}</Number>`);
  assertEquals([line.kind, line.call_sid, line.reason], ["fallback", params.CallSid, "Twilio error 11200"]);
});

Deno.test("a call that was answered already is not forwarded once more", async () => {
  const { text } = await send(incoming({ ...ACCOUNT, CallStatus: "in-progress" }) as Record<string, string>);

  assertNot(text.includes("<Dial"), text);
});

Deno.test("a request that Twilio did not sign is refused without a word", async () => {
  const { answer, text, line } = await send(incoming(ACCOUNT) as Record<string, string>, {
    "x-twilio-signature": await signatureOf("something else"),
  });

  assertEquals([answer.status, text, line.reason], [403, "", "signature"]);
});

Deno.test("a deploy's check names the revision", async () => {
  const { answer, text, line } = await send({ VoicehooksCheck: "4711" });

  assertEquals([answer.status, JSON.parse(text), line.kind], [
    200,
    { nonce: "4711", revision: "r7" },
    "check",
  ]);
});
