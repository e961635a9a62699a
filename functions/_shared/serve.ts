// What all functions do around a request: they log one line for it, also if it could not be served.

/** One JSON line per request: SIDs, kinds and times, never a phone number, a name or a secret. */
export interface LogLine {
  function: string;
  revision: string;
  status: number;
  ms: number;
  /** Why a request was refused or could not be served. */
  reason?: string;
  kind?: string;
  call_sid?: string;
  result?: string;
}

export type Handler = (request: Request) => Promise<Response>;

/**
 * Makes a function's request handler.
 *
 * @param name The function's name, for the log.
 * @param respond Answers a request, and notes in the line what the log should say about it.
 */
export function serve(
  name: string,
  revision: string,
  respond: (request: Request, line: LogLine) => Promise<Response>,
): Handler {
  return async (request) => {
    const started = performance.now();
    const line: LogLine = { function: name, revision, status: 500, ms: 0 };
    try {
      const response = await respond(request, line);
      line.status = response.status;
      return response;
    } catch (error) {
      // The platform answers 500. An error's own text may quote the call's data; its name does not.
      line.reason = error instanceof Error ? error.name : "unknown";
      throw error;
    } finally {
      line.ms = Math.round(performance.now() - started);
      // deno-lint-ignore no-console
      console.log(JSON.stringify(line));
    }
  };
}
