// One JSON line per request: SIDs, kinds and times, never a phone number, a name or a secret.

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

export function log(line: LogLine): void {
  // deno-lint-ignore no-console
  console.log(JSON.stringify(line));
}
