import { chooseSigning, signingSecrets } from "../_shared/signing_secrets.ts";
import { admit } from "../_shared/twilio_request.ts";
import { assertEquals } from "./assert.ts";
import { settingsWith, WEBHOOK } from "./samples.ts";

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
