// Reads {url, form, signature, tokens}, one JSON a line, and answers a line of "1" or "0" each: would the function
// take it? Run by test_signature.py, one process for thousands of cases.

import { parseForm } from "../../functions/_shared/form.ts";
import { isSigned, signedTexts } from "../../functions/_shared/signature.ts";

const lines = (await new Response(Deno.stdin.readable).text()).split("\n").filter((line) => line !== "");
const verdicts: string[] = [];
for (const line of lines) {
  const { url, form, signature, tokens } = JSON.parse(line);
  verdicts.push(await isSigned(signature, signedTexts(url, parseForm(form)), tokens) ? "1" : "0");
}
console.log(verdicts.join(""));
