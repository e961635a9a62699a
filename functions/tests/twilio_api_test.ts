import { createCall, fetchMedia, twilioAccount, TwilioError } from "../_shared/twilio_api.ts";
import { assertEquals } from "./assert.ts";
import { settingsWith } from "./samples.ts";

const OLD = "old", NEW = "new";

/** Runs against a Twilio that accepts one auth token; returns what came of it and the tokens that were tried. */
async function with401<T>(
  valid: string,
  environment: Record<string, string>,
  act: (account: ReturnType<typeof twilioAccount>) => Promise<T>,
): Promise<[T | number, string[]]> {
  const tried: string[] = [];
  const twilio = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    await request.text();
    const token = atob((request.headers.get("authorization") ?? "").slice("Basic ".length)).split(":")[1] ??
      "";
    tried.push(token);
    return token === valid
      ? Response.json({ sid: "CA1", status: "queued" }, { status: 201 })
      : Response.json({ code: 20003, message: "Authenticate" }, { status: 401 });
  });
  const settings = settingsWith({}, { twilioApiUrl: `http://127.0.0.1:${twilio.addr.port}` });
  try {
    const account = twilioAccount(settings, { get: (name: string) => environment[name] });
    return [await act(account), tried];
  } catch (error) {
    if (error instanceof TwilioError) return [error.status, tried];
    throw error;
  } finally {
    await twilio.shutdown();
  }
}

const place = async (account: ReturnType<typeof twilioAccount>) =>
  (await createCall(account, { To: "+15557654321" })).sid;
const rotating = { VOICEHOOKS_AUTH_TOKEN: OLD, VOICEHOOKS_SECONDARY_AUTH_TOKEN: NEW };

Deno.test("before the promotion only the primary token is used", async () => {
  assertEquals(await with401(OLD, rotating, place), ["CA1", [OLD]]);
});

Deno.test("after the promotion the refused request is sent with the other token, once", async () => {
  assertEquals(await with401(NEW, rotating, place), ["CA1", [OLD, NEW]]);
});

Deno.test("a recording is fetched with the promoted token, too", async () => {
  const play = async (account: ReturnType<typeof twilioAccount>) => {
    const answer = await fetchMedia(account, "RE1", "mp3", "bytes=0-", AbortSignal.timeout(10_000));
    await answer.body?.cancel();
    return answer.status;
  };
  assertEquals(await with401(NEW, rotating, play), [201, [OLD, NEW]]);
});

Deno.test("a refusal of both, or of the only one, is an error", async () => {
  assertEquals(await with401("neither", rotating, place), [401, [OLD, NEW]]);
  assertEquals(await with401(NEW, { VOICEHOOKS_AUTH_TOKEN: OLD }, place), [401, [OLD]]);
});

Deno.test("an API key is used alone", async () => {
  const key = { ...rotating, VOICEHOOKS_API_KEY_SID: "SK1", VOICEHOOKS_API_KEY_SECRET: "key" };
  assertEquals(await with401("key", key, place), ["CA1", ["key"]]);
});
