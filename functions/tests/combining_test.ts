import { combining } from "../_shared/combining.ts";
import {
  type Database,
  DatabaseError,
  type IngestEvent,
  type IngestResult,
  type ResultOrError,
} from "../_shared/database.ts";
import { assertEquals } from "./assert.ts";

const STORED = { result: "stored" } as const;

interface Request {
  /** The path of each event in it. */
  events: string[];
  /** Whether it went to the function for one event. */
  alone: boolean;
  timeoutMs: number;
  answer(...results: ResultOrError[]): void;
  fail(error: DatabaseError): void;
}

/** A database that answers when the test says so, and the requests that it got. */
function slowDatabase() {
  const requests: Request[] = [];
  const watchers: (() => void)[] = [];
  const taken = <T>(
    events: string[],
    alone: boolean,
    timeoutMs: number,
    read: (results: ResultOrError[]) => T,
  ) => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    requests.push({ events, alone, timeoutMs, answer: (...results) => resolve(read(results)), fail: reject });
    watchers.forEach((watch) => watch());
    return promise;
  };
  const database = {
    ingest: (event: IngestEvent, timeoutMs: number) =>
      taken([event.path ?? ""], true, timeoutMs, ([result]) => result as IngestResult),
    ingestMany: (events: string[], timeoutMs: number) =>
      taken(events.map((text) => JSON.parse(text).path), false, timeoutMs, (results) => results),
  } as unknown as Database;
  /** The n-th request, once it is there. */
  const request = async (n: number): Promise<Request> => {
    for (;;) {
      const found = requests[n];
      if (found) return found;
      const { promise, resolve } = Promise.withResolvers<void>();
      watchers.push(resolve);
      await promise;
    }
  };
  const { ingest } = combining(database);
  const send = (path: string, params = {}) => ingest({ kind: "status", path, params }, 2500);
  return { requests, request, send, ingest };
}

/** Registers a test in which no time passes, so that no request stalls, however busy the machine is. */
function timeless(name: string, act: () => Promise<void>): void {
  Deno.test(name, async () => {
    const { now } = performance;
    const frozen = now.call(performance);
    Object.assign(performance, { now: () => frozen });
    try {
      await act();
    } finally {
      Reflect.deleteProperty(performance, "now");
    }
  });
}

/** How a promise ended: its result's word, or the error's message. */
const outcome = (promise: Promise<IngestResult>) =>
  promise.then((result) => result.result, (error: Error) => error.message);

Deno.test("a callback that comes alone is sent at once, and alone", async () => {
  const { requests, send } = slowDatabase();

  const one = send("a");

  assertEquals(requests.map(({ events, alone }) => ({ events, alone })), [{ events: ["a"], alone: true }]);
  requests[0]?.answer(STORED);
  assertEquals(await one, STORED);
});

timeless("what comes meanwhile shares the next request, oldest first, each with its own result", async () => {
  const { request, send } = slowDatabase();
  const first = send("a");
  const rest = ["b", "c", "d", "e"].map((path) => outcome(send(path)));
  (await request(0)).answer(STORED);
  const next = await request(1);

  assertEquals([next.events, next.alone], [["b", "c", "d", "e"], false]);
  next.answer(STORED, { result: "duplicate" }, { error: "P0001" }, { result: "quarantined" });

  assertEquals(await first, STORED);
  assertEquals(await Promise.all(rest), ["stored", "duplicate", "refused P0001", "quarantined"]);
});

// Not available in time, could not be serialized, chosen to end a deadlock.
for (const error of ["55P03", "40001", "40P01"]) {
  timeless(`${error}: an event that has to wait goes alone, and the others are done`, async () => {
    const { request, send } = slowDatabase();
    void send("a");
    const [b, c] = [outcome(send("b")), outcome(send("c"))];
    (await request(0)).answer(STORED);
    (await request(1)).answer({ error }, STORED);

    assertEquals(await c, "stored");
    const again = await request(2);
    assertEquals([again.events, again.alone], [["b"], true]);
    again.answer(STORED);
    assertEquals(await b, "stored");
  });
}

// PostgREST answers some errors of the database with 500.
for (const status of [400, 500]) {
  timeless(`${status}: a batch that is refused as a whole goes one by one`, async () => {
    const { request, requests, send } = slowDatabase();
    void send("a");
    const rest = ["b", "c"].map((path) => outcome(send(path)));
    (await request(0)).answer(STORED);
    (await request(1)).fail(new DatabaseError("refused", status));
    (await request(2)).fail(new DatabaseError("refused", status));
    (await request(3)).answer(STORED);

    assertEquals(await Promise.all(rest), ["refused", "stored"]);
    assertEquals(requests.slice(2).map(({ events }) => events), [["b"], ["c"]]);
  });
}

for (const [error, message] of [[0, "timeout"], [502, "status 502"], [503, "status 503"]] as const) {
  timeless(`${message}: a batch without an answer is not sent again from here`, async () => {
    const { request, requests, send } = slowDatabase();
    void send("a");
    const rest = ["b", "c"].map((path) => outcome(send(path)));
    (await request(0)).answer(STORED);
    (await request(1)).fail(new DatabaseError(message, error));

    assertEquals(await Promise.all(rest), [message, message]);
    assertEquals(requests.length, 2);
  });
}

Deno.test("another request starts while one stalls, up to four batches at the same time", async () => {
  const { request, requests, send } = slowDatabase();
  void send("a");
  const waiting: Promise<string>[] = [];
  // The first, alone, stops counting; four batches fill the places.
  for (let batch = 1; batch <= 4; batch++) {
    waiting.push(outcome(send(`${batch}x`)), outcome(send(`${batch}y`)));
    assertEquals((await request(batch)).events, [`${batch}x`, `${batch}y`]);
  }
  waiting.push(outcome(send("5x")), outcome(send("5y")));
  await new Promise((resolve) => setTimeout(resolve, 120));
  assertEquals(requests.length, 5);

  requests[2]?.answer(STORED, STORED);
  const last = await request(5);
  assertEquals(last.events, ["5x", "5y"]);
  for (const each of requests) each.answer(STORED, STORED);
  assertEquals(await Promise.all(waiting), Array(10).fill("stored"));
});

timeless("a request holds at most 64 events and 256 KB, and a larger event goes alone", async () => {
  const { request, send } = slowDatabase();
  void send("first");
  for (let n = 0; n < 70; n++) void send(`${n}`);
  void send("half", { Padding: "x".repeat(150_000) });
  void send("other half", { Padding: "x".repeat(150_000) });
  void send("large", { Padding: "x".repeat(900_000) });
  void send("last");
  const sizes: string[][] = [];
  for (let n = 0; n < 6; n++) {
    const next = await request(n);
    sizes.push([`${next.events.length}`, next.events[0] ?? "", next.alone ? "alone" : "together"]);
    next.answer(...next.events.map(() => STORED));
  }

  assertEquals(sizes, [
    ["1", "first", "alone"],
    ["64", "0", "together"],
    ["7", "64", "together"],
    ["1", "other half", "alone"],
    ["1", "large", "alone"],
    ["1", "last", "alone"],
  ]);
});

Deno.test("each callback has its own deadline, in the queue as well as under way", async () => {
  const { request, ingest, send } = slowDatabase();
  void send("a");
  const short = outcome(ingest({ kind: "status", path: "short" }, 1));
  assertEquals(await short, "timeout");
  const [under, long] = [
    outcome(ingest({ kind: "status", path: "under way" }, 300)),
    outcome(send("long")),
  ];
  const batch = await request(1);
  assertEquals(batch.events, ["under way", "long"]);
  assertEquals(batch.timeoutMs > 300, true);

  assertEquals(await under, "timeout");
  batch.answer(STORED, STORED);
  assertEquals(await long, "stored");
  (await request(0)).answer(STORED);
});

Deno.test("a check never waits in the queue", async () => {
  const { request, requests, send, ingest } = slowDatabase();
  void send("a");
  void send("b");
  void ingest({ kind: "check", path: "check" }, 2500);

  assertEquals((await request(1)).events, ["check"]);
  for (const each of requests) each.answer(STORED);
  (await request(2)).answer(STORED);
});
