import type { Database } from "../_shared/database.ts";
import { voiceTokenHandler } from "../voice-token/handler.ts";
import { identityOf } from "../voice-token/access_token.ts";
import { assertEquals } from "./assert.ts";
import { BEARER, settingsWith, USER } from "./samples.ts";

const SECRET = "secret?>~"; // with characters of which base64url writes some differently

/** Asks for a token with this key. */
async function ask(key: { sid: string; secret: string }) {
  const database = { isValidUser: () => Promise.resolve(true) } as unknown as Database;
  const settings = settingsWith({}, { accountSids: ["AC1", "AC2"] });
  const handler = voiceTokenHandler({ settings, revision: "r", database, key });
  const headers = { authorization: BEARER };
  const answer = await handler(new Request("http://x", { method: "POST", body: "{}", headers }));
  return { status: answer.status, body: await answer.json() };
}

/** A part of a token, decoded. */
function read(part: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}

Deno.test("a token is a JWT of Twilio's form: for incoming calls of this user, for ten minutes", async () => {
  const before = Math.floor(Date.now() / 1000);
  const { status, body } = await ask({ sid: "SK1", secret: SECRET });
  const [header = "", claims = "", signature = ""] = body.token.split(".");
  const { jti, iat, exp, ...rest } = JSON.parse(new TextDecoder().decode(read(claims)));

  assertEquals(status, 200);
  assertEquals(JSON.parse(new TextDecoder().decode(read(header))), {
    typ: "JWT",
    alg: "HS256",
    cty: "twilio-fpa;v=1",
  });
  const identity = USER.replaceAll("-", "_");
  assertEquals(rest, { iss: "SK1", sub: "AC1", grants: { identity, voice: { incoming: { allow: true } } } });
  assertEquals([body.identity, body.expiresIn, exp - iat], [identity, 600, 600]);
  assertEquals([jti.startsWith("SK1-"), iat >= before, iat <= Date.now() / 1000], [true, true, true]);
  assertEquals(/[+/=]/.test(body.token), false);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", encoder.encode(SECRET), algorithm, false, ["verify"]);
  const content = encoder.encode(`${header}.${claims}`);
  assertEquals(await crypto.subtle.verify("HMAC", key, read(signature), content), true);
});

Deno.test("without a key or its secret there is no token", async () => {
  for (const key of [{ sid: "", secret: SECRET }, { sid: "SK1", secret: "" }, { sid: "", secret: "" }]) {
    const { status, body } = await ask(key);
    assertEquals([status, body.code, body.token], [503, "no-key", undefined]);
  }
});

Deno.test("a user has one identity, however the id is written", () => {
  assertEquals(identityOf("ABCDEF00-2222-4333-8444-555555555555"), "abcdef00_2222_4333_8444_555555555555");
});
