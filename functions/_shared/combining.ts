// Callbacks that wait at the same time share one request to the database, and one commit.
//
// A callback that comes alone is sent at once. While a request is under way, later callbacks wait, and the next
// request takes all of them, oldest first. Another request may start early, so that one that stalls never delays
// the rest.

import {
  type Database,
  DatabaseError,
  type IngestEvent,
  type IngestResult,
  type ResultOrError,
} from "./database.ts";

/** The most that one request holds. A larger event goes alone. */
const MAX_EVENTS = 64;
const MAX_CHARACTERS = 256 * 1024;
/** After this time another request may start. */
const STALLED_MS = 50;
const MAX_UNDER_WAY = 4;
/** SQLSTATEs of an event that did not get its locks in time; alone, it may wait for them. */
const HAS_TO_WAIT = ["55P03", "40001", "40P01"];

interface Waiting {
  event: IngestEvent;
  text: string;
  deadline: number;
  resolve(result: IngestResult): void;
  reject(error: unknown): void;
}

interface UnderWay {
  started: number;
  /** A single event may wait for its locked row, so it soon counts no longer. */
  single: boolean;
}

/** Returns the database with an `ingest` that combines callbacks; its errors and deadlines stay the same. */
export function combining(database: Database): Database {
  const queue = new Set<Waiting>();
  const underWay = new Set<UnderWay>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts the requests that may start now. */
  function start(): void {
    clearTimeout(timer);
    while (queue.size > 0) {
      const now = performance.now();
      const ages = [...underWay].filter((request) => !request.single || now - request.started < STALLED_MS)
        .map((request) => now - request.started);
      const youngest = Math.min(...ages);
      if (youngest < STALLED_MS) {
        timer = setTimeout(start, STALLED_MS - youngest);
        return;
      }
      if (ages.length >= MAX_UNDER_WAY) return;
      void send(take());
    }
  }

  /** Takes the next request's events out of the queue. */
  function take(): Waiting[] {
    const taken: Waiting[] = [];
    let characters = 0;
    for (const waiting of queue) {
      characters += waiting.text.length;
      if (taken.length > 0 && (taken.length === MAX_EVENTS || characters > MAX_CHARACTERS)) break;
      taken.push(waiting);
      queue.delete(waiting);
    }
    return taken;
  }

  async function send(events: Waiting[]): Promise<void> {
    const single = events.length === 1;
    await counted<unknown>(single, single ? Promise.all(events.map(sendAlone)) : sendTogether(events));
  }

  /** Counts a request as under way until it is over. */
  async function counted<T>(single: boolean, answer: Promise<T>): Promise<T> {
    const request = { started: performance.now(), single };
    underWay.add(request);
    try {
      return await answer;
    } finally {
      underWay.delete(request);
      if (queue.size > 0) start();
    }
  }

  async function sendAlone(waiting: Waiting): Promise<void> {
    try {
      waiting.resolve(await database.ingest(waiting.event, remaining(waiting)));
    } catch (error) {
      waiting.reject(error);
    }
  }

  async function sendTogether(events: Waiting[]): Promise<void> {
    let results: ResultOrError[];
    try {
      const timeoutMs = Math.max(...events.map(remaining));
      results = await database.ingestMany(events.map((waiting) => waiting.text), timeoutMs);
    } catch (error) {
      // Refused as a whole, for example because the JSON of one of them cannot be stored.
      const refused = error instanceof DatabaseError && error.status >= 400 && error.status < 502;
      for (const waiting of events) refused ? void sendAlone(waiting) : waiting.reject(error);
      return;
    }
    for (const [index, waiting] of events.entries()) {
      const result = results[index] ?? { error: "missing" };
      if (!("error" in result)) waiting.resolve(result);
      else if (HAS_TO_WAIT.includes(result.error)) void sendAlone(waiting);
      else waiting.reject(new DatabaseError(`refused ${result.error}`));
    }
  }

  function ingest(event: IngestEvent, timeoutMs: number): Promise<IngestResult> {
    if (event.kind === "check") return database.ingest(event, timeoutMs);
    if (underWay.size === 0) return counted(true, database.ingest(event, timeoutMs));
    const { promise, resolve, reject } = Promise.withResolvers<IngestResult>();
    const deadline = performance.now() + timeoutMs;
    const waiting = { event, text: JSON.stringify(event), deadline, resolve, reject };
    // A request that holds others, too, goes on for them.
    const late = setTimeout(() => {
      queue.delete(waiting);
      reject(new DatabaseError("timeout"));
    }, timeoutMs);
    queue.add(waiting);
    start();
    return promise.finally(() => clearTimeout(late));
  }

  return { ...database, ingest };
}

/** Milliseconds until its deadline. */
function remaining(waiting: Waiting): number {
  return Math.max(1, Math.ceil(waiting.deadline - performance.now()));
}
