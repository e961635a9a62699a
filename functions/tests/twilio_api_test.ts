import {
  connectedLegs,
  createCall,
  fetchMedia,
  twilioAccount,
  TwilioError,
  updateCall,
} from "../_shared/twilio_api.ts";
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

/** Asks a Twilio that gives this answer; returns the requests, and what came of it. */
async function answered<T>(
  answer: unknown,
  status: number,
  act: (account: ReturnType<typeof twilioAccount>) => Promise<T>,
): Promise<[string[], T | [number, number | null, string]]> {
  const requests: string[] = [];
  const twilio = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    requests.push(`${request.method} ${pathname}${search} ${await request.text()}`.trim());
    return Response.json(answer, { status });
  });
  const twilioApiUrl = `http://127.0.0.1:${twilio.addr.port}`;
  const settings = settingsWith({}, { twilioApiUrl, accountSids: ["AC1", "AC2"] });
  try {
    return [requests, await act(twilioAccount(settings, { get: () => undefined }))];
  } catch (error) {
    if (error instanceof TwilioError) return [requests, [error.status, error.code, error.message]];
    throw error;
  } finally {
    await twilio.shutdown();
  }
}

Deno.test("a call is ended in the environment's first account; one that is over is no error", async () => {
  const end = (account: ReturnType<typeof twilioAccount>) =>
    updateCall(account, "CA1", { Status: "completed" });
  const path = "POST /2010-04-01/Accounts/AC1/Calls/CA1.json Status=completed";

  assertEquals(await answered({ sid: "CA1" }, 200, end), [[path], true]);
  assertEquals(await answered({ code: 21220, message: "x" }, 400, end), [[path], false]);
  assertEquals(await answered({ code: 20404, message: "x" }, 404, end), [[path], false]);
  assertEquals(await answered({ code: 20003, message: "x" }, 403, end), [[path], [403, 20003, "x"]]);
  assertEquals(await answered({ code: "21220" }, 400, end), [[path], [400, null, "HTTP status 400"]]);
});

Deno.test("of a call's legs only those are asked for that are connected", async () => {
  const legs = (account: ReturnType<typeof twilioAccount>) => connectedLegs(account, "CA1");
  const path = "GET /2010-04-01/Accounts/AC1/Calls.json?ParentCallSid=CA1&Status=in-progress";

  assertEquals(await answered({ calls: [{ sid: "CA2" }, { sid: "CA3" }] }, 200, legs), [[path], [
    "CA2",
    "CA3",
  ]]);
  assertEquals(await answered({ calls: [] }, 200, legs), [[path], []]);
  for (const odd of [null, {}, { calls: { sid: "CA2" } }]) {
    assertEquals((await answered(odd, 200, legs))[1], [0, null, "Twilio's answer is not a list of calls"]);
  }
});

Deno.test("a call whose status Twilio does not name is queued", async () => {
  const create = (account: ReturnType<typeof twilioAccount>) =>
    createCall(account, { To: ["x", "y"], From: undefined });

  assertEquals(await answered({ sid: "CA1" }, 201, create), [
    ["POST /2010-04-01/Accounts/AC1/Calls.json To=x&To=y"],
    { sid: "CA1", status: "queued" },
  ]);
});

Deno.test("a recording is fetched in the format that was asked for", async () => {
  for (const format of ["mp3", "wav"] as const) {
    const [requests] = await answered({}, 200, async (account) => {
      const media = await fetchMedia(account, "RE1", format, null, AbortSignal.timeout(10_000));
      await media.body?.cancel();
    });
    assertEquals(requests, [`GET /2010-04-01/Accounts/AC1/Recordings/RE1.${format}`]);
  }
});
