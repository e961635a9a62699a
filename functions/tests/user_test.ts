import { userOf } from "../_shared/user.ts";
import { assertEquals } from "./assert.ts";

Deno.test("users are distinguished from API keys and nonsense", () => {
  const token = (claims: unknown) => `e30.${btoa(JSON.stringify(claims)).replaceAll("=", "")}.sig`;
  const user = (authorization?: string) =>
    userOf(new Request("http://x", { headers: authorization === undefined ? {} : { authorization } }))?.id;
  const sub = "11111111-2222-4333-8444-555555555555";

  assertEquals(user(`Bearer ${token({ role: "authenticated", sub })}`), sub);
  for (
    const claims of [
      { role: "anon", sub },
      { role: "authenticated" },
      { role: "authenticated", sub: "x" },
      null,
      1,
    ]
  ) {
    assertEquals(user(`Bearer ${token(claims)}`), undefined);
  }
  for (const header of [undefined, "", "Basic x", "Bearer sb_secret_x", "Bearer a.b.c"]) {
    assertEquals(user(header), undefined);
  }
});
