// SIP addresses that a page may request. The syntax that Twilio accepts: Twilio docs, "voice/twiml/sip".

/** The longest SIP URI that Twilio accepts, in characters. */
const MAX_LENGTH = 255;

// User, host, port, parameters, headers. Only parameters that do not change the host: `maddr` or `route` would
// send the call to another one.
const URI =
  /^sips?:[\w.!~*'()%&=+$,/-]+@([a-z\d](?:[a-z\d.-]*[a-z\d])?)(?::\d{1,5})?(?:;(?:transport|secure|edge|region|user)=[\w.-]+)*(?:\?[\w.!~*'()%&=+$,/-]+)?$/i;

/** Whether this looks like a SIP address. */
export function isSip(address: string): boolean {
  return /^sips?:/i.test(address);
}

/** The host (in lower case) that a SIP address rings; null if it is malformed or might ring another. */
export function sipHost(address: string): string | null {
  if (address.length > MAX_LENGTH) return null;
  return URI.exec(address)?.[1]?.toLowerCase() ?? null;
}
