import { corsHeaders, isForeignPage, preflight, Problem } from "../_shared/browser.ts";
import { assertEquals } from "./assert.ts";

const PAGE = "https://crm.example";

/** A request from a page of this origin, or (null) from no page. */
function from(origin: string | null): Request {
  return new Request("http://x", { headers: origin === null ? {} : { origin } });
}

/** The items of a header that lists some, sorted and in lower case. */
function items(headers: Headers, name: string): string[] {
  return (headers.get(name) ?? "").toLowerCase().split(", ").sort();
}

Deno.test("only the page of an allowed origin may read an answer, and a program is no page", () => {
  const cases: [string | null, string | null, boolean][] = [
    [PAGE, PAGE, false],
    ["https://evil.example", null, true],
    ["null", null, true],
    [null, null, false],
  ];
  for (const [origin, allowed, foreign] of cases) {
    const headers = new Headers(corsHeaders(from(origin), [PAGE]));
    assertEquals([origin, headers.get("access-control-allow-origin")], [origin, allowed]);
    assertEquals([origin, isForeignPage(from(origin), [PAGE])], [origin, foreign]);
    assertEquals(headers.get("vary"), "Origin");
  }
});

Deno.test("a page reads what a player and a retry need", () => {
  const headers = new Headers(corsHeaders(from(PAGE), [PAGE]));

  assertEquals(items(headers, "access-control-expose-headers"), [
    "accept-ranges",
    "content-length",
    "content-range",
    "retry-after",
  ]);
});

Deno.test("a preflight permits what supabase-js and a player send, and nothing to another page", () => {
  const allowed = preflight(from(PAGE), [PAGE], "GET, HEAD");
  const foreign = preflight(from("https://evil.example"), [PAGE], "GET, HEAD");

  assertEquals([allowed.status, allowed.headers.get("access-control-allow-origin")], [204, PAGE]);
  assertEquals(allowed.headers.get("access-control-allow-methods"), "GET, HEAD");
  assertEquals(items(allowed.headers, "access-control-allow-headers"), [
    "apikey",
    "authorization",
    "content-type",
    "range",
    "x-client-info",
  ]);
  assertEquals([foreign.status, [...foreign.headers.keys()]], [204, ["vary"]]);
});

Deno.test("a refusal has a sentence, a code and headers of its own", async () => {
  const answer = new Problem(429, "limit", "Too many.", { "retry-after": "7" }).toResponse({
    vary: "Origin",
  });

  assertEquals([answer.status, await answer.json()], [429, { error: "Too many.", code: "limit" }]);
  assertEquals([answer.headers.get("retry-after"), answer.headers.get("vary")], ["7", "Origin"]);
});
