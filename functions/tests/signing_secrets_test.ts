import { chooseSigning, signingSecrets } from "../_shared/signing_secrets.ts";
import { parseForm } from "../_shared/form.ts";
import { isSigned, signedTexts } from "../_shared/signature.ts";
import { admit, target } from "../_shared/twilio_request.ts";
import { assertEquals } from "./assert.ts";
import { settingsWith, signatureOf, TOKEN, WEBHOOK } from "./samples.ts";

const ID = "webhooks_sharedkey_01";
const SECRETS = { tokens: ["token"], keys: new Map([[ID, "secret"], ["webhooks_sharedkey_02", "new"]]) };
const HEADER = `key=${ID},algorithm=HMAC_SHA256`;

Deno.test("keys are read from secrets of their own, and anything else is left alone", () => {
  const all: Record<string, string> = {
    VOICEHOOKS_AUTH_TOKEN: "token",
    VOICEHOOKS_SECONDARY_AUTH_TOKEN: "",
    VOICEHOOKS_SIGNING_KEY_1: `${ID} secret`,
    VOICEHOOKS_SIGNING_KEY_2: "half",
    OTHER: "a b",
  };
  const { tokens, keys } = signingSecrets({ toObject: () => all });
  assertEquals(tokens, ["token"]);
  assertEquals([...keys], [[ID, "secret"]]);
});

Deno.test("the header chooses one key, or the tokens", () => {
  assertEquals(chooseSigning(HEADER, SECRETS, false), { hash: "SHA-256", secrets: ["secret"] });
  assertEquals(chooseSigning(HEADER, SECRETS, true), { hash: "SHA-256", secrets: ["secret"] });
  for (const header of [null, "", "algorithm=HMAC_SHA1", "other"]) {
    assertEquals(chooseSigning(header, SECRETS, false), { hash: "SHA-1", secrets: ["token"] });
    assertEquals(chooseSigning(header, SECRETS, true), "signed by the auth token");
  }
});

Deno.test("an unknown key, another algorithm and a header that says two things are refused", () => {
  const reasons = [
    ["key=webhooks_sharedkey_03,algorithm=HMAC_SHA256", "unknown signing key"],
    ["key=,algorithm=HMAC_SHA256", "unknown signing key"],
    [`key=${ID}`, "signature algorithm"],
    [`key=${ID},algorithm=HMAC_SHA1`, "signature algorithm"],
    [`key=${ID},algorithm=none`, "signature algorithm"],
    ["algorithm=HMAC_SHA256", "signature algorithm"],
    [`${HEADER},key=webhooks_sharedkey_02`, "signature settings"],
    [`${HEADER}, algorithm=HMAC_SHA1`, "signature settings"],
  ] as const;
  for (const [header, reason] of reasons) assertEquals(chooseSigning(header, SECRETS, false), reason);
  assertEquals(chooseSigning(null, { tokens: [], keys: SECRETS.keys }, false), "no auth token configured");
});

async function signedGet(query: string): Promise<Request> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode("secret"), algorithm, false, ["sign"]);
  const signed = new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(WEBHOOK + query)));
  const headers = {
    "x-twilio-signature": btoa(String.fromCharCode(...signed)),
    "x-twilio-webhooks-signature-settings": HEADER,
  };
  return new Request(`http://inside/twilio-webhook${query}`, { headers });
}

Deno.test("Twilio's own test request is a check only if its query has nothing else", async () => {
  const settings = settingsWith({}, { signature: "key-only" });
  const ask = async (query: string) =>
    await admit(await signedGet(query), settings, "twilio-webhook", SECRETS);

  const check = await ask("?VoicehooksCheck=rule");
  assertEquals("nonce" in check && check.nonce, "rule");
  for (
    const query of ["?VoicehooksCheck=rule&CallSid=CA1", "?x=1&VoicehooksCheck=rule", "?VoicehooksCheck="]
  ) {
    assertEquals(await ask(query), { refused: "account" });
  }
});

const OURS = "AC5a4db0c55a4db0c55a4db0c55a4db0c5";

/** Admits a request whose body is this text, signed with the token. */
async function admitted(
  body: string,
  init: { method?: string; type?: string; query?: string; url?: string } = {},
) {
  const { method = "POST", type = "application/x-www-form-urlencoded", query = "" } = init;
  const [text = ""] = signedTexts(WEBHOOK + query, parseForm(body));
  const headers = { "x-twilio-signature": await signatureOf(text), "content-type": type };
  const secrets = { tokens: [TOKEN], keys: new Map<string, string>() };
  const request = new Request(init.url ?? `http://inside/twilio-webhook${query}`, { method, headers, body });
  return await admit(request, settingsWith({}), "twilio-webhook", secrets);
}

Deno.test("a form is one by its content type, however that is written", async () => {
  const form = `AccountSid=${OURS}`;
  const good = [
    "application/x-www-form-urlencoded; charset=utf-8",
    "Application/X-WWW-Form-Urlencoded",
    "application/x-www-form-urlencoded ;x",
  ];
  for (const type of good) assertEquals([type, "params" in await admitted(form, { type })], [type, true]);
  for (const type of ["", "text/plain", "application/json", "application/x-www-form-urlencodedx"]) {
    assertEquals(await admitted(form, { type }), { refused: "content type" });
  }
  assertEquals(await admitted(form, { method: "PUT" }), { refused: "method" });
});

Deno.test("a fragment is no part of what Twilio signed", async () => {
  const url = "http://inside/twilio-webhook?x=1#rc=3?&y=2";
  const request = await admitted(`AccountSid=${OURS}`, { query: "?x=1", url });
  assertEquals("query" in request && request.query, "?x=1");
  assertEquals(target(url), { path: "/twilio-webhook", query: "?x=1" });
  assertEquals(target("http://inside"), { path: "/", query: "" });
});

Deno.test("a request is ours if one of its accounts is, and an unsigned one is logged as such", async () => {
  assertEquals("params" in await admitted(`AccountSid=${OURS}&AccountSid=AC1`), true);
  assertEquals(await admitted("AccountSid=AC1&AccountSid=AC2"), { refused: "account" });
  assertEquals(await admitted("CallSid=CA1"), { refused: "account" });
  const check = await admitted("VoicehooksCheck=4711");
  assertEquals("nonce" in check && check.nonce, "4711");
  const unsigned = new Request("http://inside/twilio-webhook", { method: "POST", body: "" });
  assertEquals(await admit(unsigned, settingsWith({}), "twilio-webhook", SECRETS), { refused: "unsigned" });
});

Deno.test("either token signs; an empty one neither signs nor hides the other", async () => {
  const signature = await signatureOf("text");
  for (const secrets of [[TOKEN], ["other", TOKEN], ["", TOKEN], [TOKEN, ""]]) {
    assertEquals([secrets, await isSigned(signature, ["x", "text"], secrets)], [secrets, true]);
  }
  for (const secrets of [[], [""], ["other"]]) {
    assertEquals(await isSigned(signature, ["text"], secrets), false);
  }
  const env = { toObject: () => ({ VOICEHOOKS_AUTH_TOKEN: "a", VOICEHOOKS_SECONDARY_AUTH_TOKEN: "b" }) };
  assertEquals(signingSecrets(env).tokens, ["a", "b"]);
});

Deno.test("what Twilio signs: the address as it is declared, then names and values in order, each once", () => {
  const pairs: [string, string][] = [["b", ""], ["a", "2"], ["a", "1"], ["a", "2"]];

  assertEquals(signedTexts("http://127.0.0.1:4721/x?y=1", pairs), ["http://127.0.0.1:4721/x?y=1a1a2b"]);
  assertEquals(signedTexts("https://x.example:8443/y", []), [
    "https://x.example/y",
    "https://x.example:8443/y",
  ]);
  assertEquals(signedTexts("https://x.example", []), ["https://x.example", "https://x.example:443"]);
});
