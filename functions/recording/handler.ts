// Plays a recording to a user who may read its row. Only this function sees Twilio's credentials.

import { corsHeaders, preflight, Problem } from "../_shared/browser.ts";
import { type Database, DatabaseError, type RecordingRow } from "../_shared/database.ts";
import { type Handler, type LogLine, serve } from "../_shared/serve.ts";
import type { Settings } from "../_shared/settings.ts";
import { fetchMedia, type TwilioAccount } from "../_shared/twilio_api.ts";
import { userOf } from "../_shared/user.ts";
import { parseRange, sliceStream } from "./range.ts";

const DATABASE_TIMEOUT_MS = 5000;
const TWILIO_TIMEOUT_MS = 15_000;
/** Long enough for a player's ranges, but short, since a user may lose the right to hear the recording. */
const CACHING = "private, max-age=60";
const PASSED_ON = ["content-type", "content-length", "content-range", "etag", "last-modified"];

export interface Dependencies {
  settings: Settings;
  revision: string;
  database: Database;
  account: TwilioAccount;
}

/** Returns the function's request handler: GET or HEAD /recording/RE... with ?format=mp3 (default) or wav. */
export function recordingHandler(dependencies: Dependencies): Handler {
  const { settings, revision } = dependencies;
  const handler = serve("recording", revision, async (request, line) => {
    const headers = corsHeaders(request, settings.allowedOrigins);
    headers.vary += ", Authorization"; // the answer is for this user only
    try {
      return await play(request, dependencies, headers, line);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      line.reason = error.code;
      return error.toResponse(headers);
    }
  });
  return (request) =>
    request.method === "OPTIONS"
      ? Promise.resolve(preflight(request, settings.allowedOrigins, "GET, HEAD"))
      : handler(request);
}

async function play(
  request: Request,
  dependencies: Dependencies,
  headers: Record<string, string>,
  line: LogLine,
): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    throw new Problem(405, "method", "This function takes GET.", { allow: "GET, HEAD" });
  }
  const url = new URL(request.url);
  const sid = /^\/[^/]+\/(RE[0-9a-fA-F]{32})$/.exec(url.pathname)?.[1];
  if (sid === undefined) {
    throw new Problem(404, "not-there", "The address must end with a recording's SID (RE...).");
  }
  const format = url.searchParams.get("format") ?? "mp3";
  if (format !== "mp3" && format !== "wav") {
    throw new Problem(400, "bad-request", '"format" must be mp3 or wav.');
  }
  const row = await readRow(request, sid, dependencies);
  line.call_sid = row.call_sid;
  if (row.status === "in-progress" || row.status === "paused") throw notReady();
  if (row.status === "absent" || row.status === "failed") {
    throw new Problem(404, "absent", "Twilio could not make this recording.");
  }
  if (row.status === "deleted") throw deleted();
  return await stream(request, row, format, dependencies, headers);
}

/** Reads the row as the user: row-level security decides whether there is one. */
async function readRow(
  request: Request,
  sid: string,
  { database, settings }: Dependencies,
): Promise<RecordingRow> {
  const user = userOf(request);
  if (user === null) {
    throw new Problem(403, "user", "Only a signed-in user may play recordings; API keys may not.");
  }
  let row: RecordingRow | null;
  try {
    row = await database.recordingFor(user.token, sid, DATABASE_TIMEOUT_MS);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    if (error.status === 401 || error.status === 403) {
      throw new Problem(
        403,
        "user",
        "You may not read recordings: grant select and add a policy on twilio_recordings.",
      );
    }
    throw new Problem(503, "database", "The database does not answer; try again.");
  }
  if (row === null || !settings.accountSids.includes(row.account_sid)) {
    throw new Problem(404, "not-there", "There is no such recording, or you may not play it.");
  }
  return row;
}

async function stream(
  request: Request,
  row: RecordingRow,
  format: "mp3" | "wav",
  { account }: Dependencies,
  headers: Record<string, string>,
): Promise<Response> {
  const range = request.headers.get("range");
  const giveUp = new AbortController();
  const timer = setTimeout(() => giveUp.abort(), TWILIO_TIMEOUT_MS); // for the first byte, not for the whole audio
  let media: Response;
  try {
    const owner = { ...account, accountSid: row.account_sid };
    media = await fetchMedia(owner, row.recording_sid, format, range, giveUp.signal);
  } catch {
    throw new Problem(504, "twilio", "Twilio did not answer; try again.");
  } finally {
    clearTimeout(timer);
  }
  if (!media.ok && media.status !== 416) {
    await media.body?.cancel();
    // Twilio has the audio once the status is `completed`; audio that is missing after that was deleted there.
    if (media.status === 404 || media.status === 410) {
      throw row.status === "completed" ? deleted() : notReady();
    }
    throw new Problem(502, "twilio", `Twilio did not return the recording (HTTP status ${media.status}).`);
  }
  const out = new Headers({ ...headers, "accept-ranges": "bytes", "cache-control": CACHING });
  for (const name of PASSED_ON) {
    const value = media.headers.get(name);
    if (value !== null) out.set(name, value);
  }
  const { status, body } = sliced(media, range, out);
  if (request.method === "HEAD") {
    await body?.cancel();
    return new Response(null, { status, headers: out });
  }
  return new Response(body, { status, headers: out });
}

/** The body and status of the answer; extracts the range if Twilio sent everything. */
function sliced(
  media: Response,
  range: string | null,
  out: Headers,
): { status: number; body: ReadableStream | null } {
  const size = Number(media.headers.get("content-length") ?? NaN);
  if (media.status !== 200 || media.body === null || !Number.isFinite(size)) return media;
  const wanted = parseRange(range, size);
  if (wanted === null) return media;
  if (wanted === "unsatisfiable") {
    out.delete("content-length");
    out.set("content-range", `bytes */${size}`);
    void media.body.cancel();
    return { status: 416, body: null };
  }
  out.set("content-length", String(wanted.end - wanted.start + 1));
  out.set("content-range", `bytes ${wanted.start}-${wanted.end}/${size}`);
  return { status: 206, body: media.body.pipeThrough(sliceStream(wanted)) };
}

function notReady(): Problem {
  return new Problem(409, "not-ready", "The recording is not ready yet; try again in a moment.", {
    "retry-after": "5",
  });
}

function deleted(): Problem {
  return new Problem(410, "deleted", "The recording was deleted at Twilio.");
}
