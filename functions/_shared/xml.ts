// TwiML is XML with case-sensitive names; Twilio refuses anything before the declaration (error 12100).

const ESCAPES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Attributes; an undefined one is left out. */
export type Attributes = Record<string, string | number | boolean | undefined>;

/** Escapes text for element content and attribute values, and drops characters that XML 1.0 does not allow. */
export function escapeXml(text: string): string {
  return text
    // deno-lint-ignore no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
    .replace(/[&<>"']/g, (character) => ESCAPES[character]!);
}

/** One element; `content` is already XML. */
export function element(name: string, attributes: Attributes, content = ""): string {
  let tag = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) tag += ` ${key}="${escapeXml(String(value))}"`;
  }
  return content === "" ? `${tag}/>` : `${tag}>${content}</${name}>`;
}

/** A whole TwiML document. */
export function twiml(...verbs: string[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${element("Response", {}, verbs.join(""))}`;
}
