// The CRM's user who made a request: identified by a token that the project's Auth issued at sign-in.

export interface User {
  /** The `sub` claim. */
  id: string;
  token: string;
  /** Signed in without an e-mail address, telephone number or password (Supabase docs: anonymous sign-ins). */
  anonymous: boolean;
  /** What the project's operators wrote about the user; the user cannot change it. */
  appMetadata: Record<string, unknown>;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Reads the bearer token. The gateway (verify_jwt) and the database check its signature; this distinguishes users
 * from the project's API keys, which are also valid tokens, one of them public.
 */
export function userOf(request: Request): User | null {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (token === undefined) return null;
  const claims = claimsOf(token);
  if (claims?.role !== "authenticated" || typeof claims.sub !== "string" || !UUID.test(claims.sub)) {
    return null;
  }
  return {
    id: claims.sub,
    token,
    anonymous: (claims.is_anonymous ?? false) !== false,
    appMetadata: isObject(claims.app_metadata) ? claims.app_metadata : {},
  };
}

function claimsOf(token: string): Record<string, unknown> | null {
  try {
    const payload = token.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isObject(claims) ? claims : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
