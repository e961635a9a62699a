// Reads {url, form, signature, tokens, hash}, one JSON document per line, and writes "1" or "0" for each: would the function
// accept it? Run by test_signature.py, one process for thousands of cases.

import { parseForm } from "../../functions/_shared/form.ts";
import { isSigned, signedTexts } from "../../functions/_shared/signature.ts";

const lines = (await new Response(Deno.stdin.readable).text()).split("\n").filter((line) => line !== "");
const verdicts: string[] = [];
for (const line of lines) {
  const { url, form, signature, tokens, hash } = JSON.parse(line);
  verdicts.push(await isSigned(signature, signedTexts(url, parseForm(form)), tokens, hash) ? "1" : "0");
}
console.log(verdicts.join(""));
