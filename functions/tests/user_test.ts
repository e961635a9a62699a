import { userOf } from "../_shared/user.ts";
import { assertEquals } from "./assert.ts";

const SUB = "11111111-2222-4333-8444-555555555555";

Deno.test("users are distinguished from API keys and nonsense", () => {
  const token = (claims: unknown) => `e30.${btoa(JSON.stringify(claims)).replaceAll("=", "")}.sig`;
  const user = (authorization?: string) =>
    userOf(new Request("http://x", { headers: authorization === undefined ? {} : { authorization } }))?.id;
  const sub = SUB;

  assertEquals(user(`Bearer ${token({ role: "authenticated", sub })}`), sub);
  const other = "ABCDEF00-2222-4333-8444-555555555555";
  assertEquals(user(`bearer ${token({ role: "authenticated", sub: other })}`), other);
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

/** A token as Auth writes it: base64url without padding, of UTF-8. */
function signedIn(claims: Record<string, unknown>): Request {
  const bytes = new TextEncoder().encode(JSON.stringify({ role: "authenticated", sub: SUB, ...claims }));
  const payload = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll(
    "=",
    "",
  );
  return new Request("http://x", { headers: { authorization: `Bearer e30.${payload}.sig` } });
}

Deno.test("claims are read in every alphabet", () => {
  // Their base64 has each of the two characters that base64url writes differently.
  for (const team of ["Vertrieb Süd", "??>>", "~~~???", "销售"]) {
    assertEquals(userOf(signedIn({ app_metadata: { team } }))?.appMetadata, { team });
  }
});

Deno.test("a user is anonymous unless the token says not; odd metadata are none", () => {
  assertEquals(userOf(signedIn({}))?.anonymous, false);
  for (const [claim, anonymous] of [[true, true], [false, false], [null, false], ["true", true], [1, true]]) {
    assertEquals([claim, userOf(signedIn({ is_anonymous: claim }))?.anonymous], [claim, anonymous]);
  }
  for (const metadata of [undefined, null, [], "admin"]) {
    assertEquals(userOf(signedIn({ app_metadata: metadata }))?.appMetadata, {});
  }
});
