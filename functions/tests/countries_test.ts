import { countryOf, mayCall } from "../_shared/countries.ts";
import { assertEquals } from "./assert.ts";

Deno.test("countries that share a calling code are distinguished", () => {
  const cases = {
    "+15551234567": "US",
    "+13105550100": "US",
    "+14165550100": "CA",
    "+18765550100": "JM",
    "+18095550100": "DO",
    "+442071838750": "GB",
    "+441534700000": "JE",
    "+447797712345": "JE",
    "+447509312345": "JE",
    "+447911123456": "GG",
    "+447911000000": "GB",
    "+447624123456": "IM",
    "+77012345678": "KZ",
    "+79161234567": "RU",
    "+390669812345": "VA",
    "+390612345678": "IT",
    "+358181234567": "AX",
    "+358401234567": "FI",
    "+8801712345678": "BD",
    "+999123456": "",
    // Satellite phones belong to no country; a 1 after +1 could be dropped on the way and reach Jamaica.
    "+881612345678": "",
    "+118765550100": "",
    "+1876555010": "",
    "+10155550100": "",
    "+11551234567": "",
  };
  for (const [number, country] of Object.entries(cases)) {
    assertEquals([number, countryOf(number)], [number, country]);
  }
});

Deno.test("only the countries of the list may be called; an empty list permits none", () => {
  assertEquals(mayCall("+442071838750", ["US", "GB"]), true);
  assertEquals(mayCall("+442071838750", ["US"]), false);
  assertEquals(mayCall("+15551234567", []), false);
});

Deno.test("premium numbers of the North American Numbering Plan may not be called", () => {
  for (const number of ["+19005550100", "+12129760100", "+14169760100"]) {
    assertEquals([number, mayCall(number, ["US", "CA"])], [number, false]);
  }
  assertEquals(mayCall("+12125559760", ["US"]), true);
  assertEquals(mayCall("+19765550100", ["US"]), true);
});
