// Requests from the CRM's page: which origins are allowed, and answers as JSON.

/** Headers that let the page of an allowed origin read the answer; none for any other page. */
export function corsHeaders(request: Request, allowedOrigins: string[]): Record<string, string> {
  const origin = request.headers.get("origin");
  const headers: Record<string, string> = { "vary": "Origin" };
  if (origin !== null && allowedOrigins.includes(origin)) {
    headers["access-control-allow-origin"] = origin;
    headers["access-control-expose-headers"] = "Accept-Ranges, Content-Length, Content-Range, Retry-After";
  }
  return headers;
}

/** Whether the request comes from a page of an origin that the environment does not allow. */
export function isForeignPage(request: Request, allowedOrigins: string[]): boolean {
  const origin = request.headers.get("origin");
  return origin !== null && !allowedOrigins.includes(origin);
}

/** The answer to a browser's preflight request. */
export function preflight(request: Request, allowedOrigins: string[], methods: string): Response {
  const headers = corsHeaders(request, allowedOrigins);
  if ("access-control-allow-origin" in headers) {
    headers["access-control-allow-methods"] = methods;
    headers["access-control-allow-headers"] = "authorization, x-client-info, apikey, content-type, range";
    headers["access-control-max-age"] = "86400";
  }
  return new Response(null, { status: 204, headers });
}

/** A request that cannot be served: `message` is one sentence for the page's user, `code` is for its script. */
export class Problem extends Error {
  override name = "Problem";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }

  toResponse(headers: Record<string, string>): Response {
    return Response.json({ error: this.message, code: this.code }, {
      status: this.status,
      headers: { ...headers, ...this.headers },
    });
  }
}

/** The refusal of a request whose content is not valid; the sentence says what is wrong. */
export function badRequest(sentence: string): Problem {
  return new Problem(400, "bad-request", sentence);
}
