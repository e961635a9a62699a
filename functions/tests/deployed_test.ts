import { whenDeployed } from "../_shared/deployed.ts";
import { assertEquals, assertIncludes } from "./assert.ts";

Deno.test("a function without the settings of an environment answers 503 and names the command", async () => {
  const request = new Request("http://x/twilio-webhook", { method: "POST" });
  const handler = () => Promise.resolve(new Response("ours"));

  const placeholder = await whenDeployed({ revision: "placeholder" }, handler)(request);
  const deployed = await whenDeployed({ revision: "4f6b9f0a" }, handler)(request);

  assertEquals(placeholder.status, 503);
  assertIncludes((await placeholder.json()).error, "pulumi up");
  assertEquals(await deployed.text(), "ours");
});
