// Twilio's access token for a softphone in the browser (Twilio docs: "iam/access-tokens").

/** How long a softphone may register with a token, in seconds. A page requests a new one before that. */
export const LIFETIME_SECONDS = 600;

export interface SigningKey {
  /** The API key's SID: SK... */
  sid: string;
  secret: string;
}

/**
 * Signs a token with which a softphone receives calls to `client:<identity>`. It cannot place calls: those go
 * through place-call, which checks them.
 *
 * @param nowSeconds The current time, in seconds since 1970.
 */
export async function accessToken(
  key: SigningKey,
  accountSid: string,
  identity: string,
  nowSeconds: number,
): Promise<string> {
  const header = { typ: "JWT", alg: "HS256", cty: "twilio-fpa;v=1" };
  const claims = {
    jti: `${key.sid}-${crypto.randomUUID()}`,
    iss: key.sid,
    sub: accountSid,
    iat: nowSeconds,
    exp: nowSeconds + LIFETIME_SECONDS,
    grants: { identity, voice: { incoming: { allow: true } } },
  };
  const content = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}`;
  return `${content}.${await sign(content, key.secret)}`;
}

/** The identity of a user's softphone: the user's id, in the characters that Twilio recommends. */
export function identityOf(userId: string): string {
  return userId.toLowerCase().replaceAll("-", "_");
}

async function sign(content: string, secret: string): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, [
    "sign",
  ]);
  const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(content));
  return encode(String.fromCharCode(...new Uint8Array(signature)));
}

/** Base64url without padding; each character of `bytes` is one byte. */
function encode(bytes: string): string {
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
