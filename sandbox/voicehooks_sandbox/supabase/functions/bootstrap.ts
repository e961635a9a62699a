// Runs one Edge Function on stock Deno: takes over the handler that it passes to Deno.serve (or exports
// as `default.fetch`), listens on a free loopback port and says so on standard output.
// Arguments: the entrypoint's URL and the word that marks our own line among the function's output.
// The sandbox holds the other end of standard input: when that closes, the worker finishes and exits.

const [entrypoint, marker] = Deno.args;
const LONGEST_FAREWELL_MS = 30_000;

type Handler = (request: Request, info: Deno.ServeHandlerInfo) => Response | Promise<Response>;
type Options = { handler?: Handler; onError?: (error: unknown) => Response | Promise<Response> };

const serve = Deno.serve;
let handler: Handler | undefined;
let onError: Options["onError"];
const background = new Set<Promise<unknown>>();

Object.assign(globalThis, {
  EdgeRuntime: {
    waitUntil<T>(promise: Promise<T>): Promise<T> {
      const settled = promise.then(() => {}, (error) => console.error(error)).finally(() => background.delete(settled));
      background.add(settled);
      return promise;
    },
  },
});

Object.defineProperty(Deno, "serve", {
  configurable: true,
  value(first: Handler | Options, second?: Handler) {
    const options = typeof first === "function" ? {} : first;
    handler = typeof first === "function" ? first : second ?? first.handler;
    onError = options.onError;
    const finished = new Promise<void>(() => {});
    return {
      finished,
      addr: { transport: "tcp", hostname: "127.0.0.1", port: 0 },
      shutdown: () => Promise.resolve(),
      ref() {},
      unref() {},
    };
  },
});

(async () => {
  const buffer = new Uint8Array(16);
  while (await Deno.stdin.read(buffer) !== null);
  const patience = new Promise((resolve) => setTimeout(resolve, LONGEST_FAREWELL_MS));
  await Promise.race([Promise.allSettled(background), patience]);
  Deno.exit(0);
})();

const module = await import(entrypoint);
const exported = module.default;
if (handler === undefined && typeof exported?.fetch === "function") handler = (request) => exported.fetch(request);
if (handler === undefined) {
  console.error("The function neither calls Deno.serve nor exports default { fetch }.");
  Deno.exit(1);
}

serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(`${marker} ${port}`),
  ...(onError === undefined ? {} : { onError }),
}, handler);
