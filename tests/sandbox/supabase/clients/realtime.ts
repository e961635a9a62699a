/** supabase-js, unmodified, against the sandbox's Realtime: `deno run -A realtime.ts ENV CHECK`. */

import type { SupabaseClient } from "@supabase/supabase-js";
import { client, control, data, env, equal, event, sql } from "./checks.ts";

const admin = client(env.supabase_secret_key);

async function signedIn(name: string, options: Record<string, unknown> = {}): Promise<SupabaseClient> {
  const account = { email: `${name}@example.com`, password: "secret-1" };
  data(await admin.auth.admin.createUser({ ...account, email_confirm: true }));
  const made = client(undefined, options);
  data(await made.auth.signInWithPassword(account));
  return made;
}

/** A channel with all that it received; `subscribed` settles with the status or the error. */
function open(supabase: SupabaseClient, name: string, setUp: (channel: any) => void = () => {}, config = {}) {
  const channel: any = supabase.channel(name, { config });
  const received: any[] = [];
  const waiting: [number, () => void][] = [];
  const note = (message: unknown) => {
    received.push(message);
    for (const [count, resolve] of waiting) if (received.length >= count) resolve();
  };
  const system = event<any>();
  channel.on("system", {}, (payload: any) => payload.extension === "postgres_changes" && system.resolve(payload));
  channel.note = note;
  setUp(channel);
  const joined = event<string>();
  channel.subscribe((status: string, error?: Error) => joined.resolve(error ? `${status}: ${error.message}` : status));
  const until = (count: number) =>
    received.length >= count ? Promise.resolve() : new Promise<void>((resolve) => waiting.push([count, resolve]));
  return { channel, received, joined: joined.arrived, system: system.arrived, until };
}

const changes = (channel: any, parameters = {}) =>
  channel.on(
    "postgres_changes",
    { event: "*", schema: "public", table: "calls", ...parameters },
    (change: any) => channel.note(change),
  );

const TABLE = `
  create table calls (id int primary key, owner uuid, status text, size bigint, extra jsonb);
  alter table calls enable row level security;
  create policy own on calls for select to authenticated using (owner = auth.uid());
  alter publication supabase_realtime add table calls;
`;

const ROOM = `
  create policy members on realtime.messages for select to authenticated
    using (realtime.topic() = 'user:' || auth.uid());
  create policy write on realtime.messages for insert to authenticated
    with check (realtime.topic() = 'user:' || auth.uid());
`;

const checks: Record<string, () => Promise<void>> = {
  async "a signed-in user follows own rows only"() {
    await sql(TABLE);
    const [ada, bob] = [await signedIn("ada"), await signedIn("bob")];
    const id = (await ada.auth.getUser()).data.user!.id;
    const [hers, his, all] = [ada, bob, admin].map((supabase) => open(supabase, "calls", changes));
    for (const one of [hers, his, all]) {
      equal(await one.joined, "SUBSCRIBED", "joined");
      equal((await one.system).message, "Subscribed to PostgreSQL", "system");
    }
    await sql(`insert into calls values (1, '${id}', 'ringing', 9007199254740991, '{"a": [1]}')`);
    await sql("insert into calls values (2, null, 'ringing')");
    await sql("update calls set status = 'connected'");
    await sql("delete from calls where id = 1");
    await sql("insert into calls values (3, null, 'last'); delete from calls where id = 3");
    await Promise.all([hers.until(4), his.until(2), all.until(6)]);
    equal(hers.received.map((change) => change.eventType), ["INSERT", "UPDATE", "DELETE", "DELETE"], "hers");
    equal(
      hers.received[0].new,
      { id: 1, owner: id, status: "ringing", size: 9007199254740991, extra: { a: [1] } },
      "row",
    );
    equal([hers.received[1].new.status, hers.received[1].old], ["connected", { id: 1 }], "update");
    equal([hers.received[2].new, hers.received[2].old], [{}, { id: 1 }], "delete");
    equal(
      his.received.map((change) => [change.eventType, change.old]),
      [["DELETE", { id: 1 }], ["DELETE", { id: 3 }]],
      "his",
    );
    equal(all.received.length, 6, "the service role sees all that is still there");
    equal(
      [hers.received[0].schema, hers.received[0].table, hers.received[0].errors],
      ["public", "calls", null],
      "names",
    );
  },

  async "filters, events and selected columns"() {
    await sql(TABLE);
    const filtered = open(admin, "filtered", (channel) => {
      changes(channel, { event: "INSERT", filter: "id=in.(2,3)" });
      changes(channel, { event: "UPDATE", filter: 'status=eq."a, (b)"' });
    });
    const chosen = open(admin, "chosen", (channel) => changes(channel, { select: ["status"] }));
    const negated = open(admin, "negated", (channel) => changes(channel, { filter: "size=not.gt.5,status=like.r%" }));
    await Promise.all([filtered, chosen, negated].map((one) => one.system));
    await sql("insert into calls values (1, null, 'ringing', 10), (2, null, 'ringing', 1), (3, null, 'x', 1)");
    await sql("update calls set status = 'a, (b)' where id = 1");
    await Promise.all([filtered.until(3), chosen.until(4), negated.until(1)]);
    equal(filtered.received.map((change) => [change.eventType, change.new.id]), [["INSERT", 2], ["INSERT", 3], [
      "UPDATE",
      1,
    ]], "in, eq");
    equal(chosen.received[0].new, { id: 1, status: "ringing" }, "selected and the key");
    equal(negated.received.map((change) => change.new.id), [2], "not, like, and");
  },

  async "errors of subscriptions"() {
    await sql(TABLE + "create table hidden (id int primary key);");
    const cases: [Record<string, string>, string][] = [
      [
        { table: "hidden" },
        "Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: [event: *, schema: public, table: hidden, filters: [], select: nil]",
      ],
      [{ filter: "wrong" }, 'Error parsing `filter` params: ["wrong"]'],
      [{ filter: "id=in.1" }, "`in` filter value must be wrapped by parentheses"],
      [
        { filter: "nope=eq.1" },
        'Unable to subscribe to changes with given parameters. An exception happened so please check your connect parameters: [event: *, schema: public, table: calls, filters: [{"nope", "eq", "1", false}], select: nil]. Exception: ERROR P0001 (raise_exception) invalid column for filter nope',
      ],
      [
        { filter: "id=eq.x" },
        'Unable to subscribe to changes with given parameters. An exception happened so please check your connect parameters: [event: *, schema: public, table: calls, filters: [{"id", "eq", "x", false}], select: nil]. Exception: ERROR 22P02 (invalid_text_representation) invalid input syntax for type integer: "x"',
      ],
    ];
    for (const [parameters, message] of cases) {
      const one = open(admin, `case ${message.length}`, (channel) => changes(channel, parameters));
      equal(await one.joined, "SUBSCRIBED", "the channel stays");
      const system = await one.system;
      equal([system.status, system.message], ["error", message], "message");
    }
  },

  async "broadcast to others, to oneself and acknowledged"() {
    const [ada, bob] = [client(), client()];
    const listen = (channel: any) =>
      channel.on("broadcast", { event: "note" }, (message: any) => channel.note(message.payload));
    const hers = open(ada, "room", listen, { broadcast: { self: true, ack: true } });
    const his = open(bob, "room", listen);
    const other = open(bob, "other room", listen);
    equal(
      [await hers.joined, await his.joined, await other.joined],
      ["SUBSCRIBED", "SUBSCRIBED", "SUBSCRIBED"],
      "joined",
    );
    equal(await hers.channel.send({ type: "broadcast", event: "note", payload: { text: "zażółć" } }), "ok", "ack");
    await his.channel.send({ type: "broadcast", event: "note", payload: { text: "back" } });
    await Promise.all([hers.until(2), his.until(1)]);
    equal(hers.received, [{ text: "zażółć" }, { text: "back" }], "hers");
    equal(his.received, [{ text: "zażółć" }], "his");
    const answer = await bob.channel("room").httpSend("note", { text: "http" });
    equal(answer.success, true, "over HTTP");
    await hers.until(3);
    equal(hers.received[2], { text: "http" }, "over HTTP");
    equal(other.received, [], "another topic");
  },

  async "presence: sync, join and leave"() {
    const track = (channel: any) => {
      channel.on("presence", { event: "sync" }, () => channel.note(Object.keys(channel.presenceState()).sort()));
    };
    const [ada, bob] = [client(), client()];
    const hers = open(ada, "room", track, { presence: { key: "ada" } });
    equal(await hers.joined, "SUBSCRIBED", "joined");
    equal(await hers.channel.track({ busy: false }), "ok", "tracked");
    const his = open(bob, "room", track, { presence: { key: "bob" } });
    equal(await his.joined, "SUBSCRIBED", "joined");
    equal(await his.channel.track({ busy: true }), "ok", "tracked");
    const seen = async (keys: string[]) => {
      for (let count = 1; JSON.stringify(hers.received.at(-1)) !== JSON.stringify(keys); count++) {
        await hers.until(count);
      }
    };
    await seen(["ada", "bob"]);
    equal(hers.channel.presenceState().bob[0].busy, true, "meta");
    await bob.removeAllChannels();
    await seen(["ada"]);
  },

  async "a private channel, and broadcasts from the database"() {
    await sql(TABLE + ROOM);
    const ada = await signedIn("ada");
    const id = (await ada.auth.getUser()).data.user!.id;
    await ada.realtime.setAuth();
    const listen = (channel: any) => channel.on("broadcast", { event: "*" }, (message: any) => channel.note(message));
    const hers = open(ada, `user:${id}`, listen, { private: true });
    equal(await hers.joined, "SUBSCRIBED", "own topic");
    const refused = open(ada, "user:somebody", listen, { private: true });
    equal(
      await refused.joined,
      "CHANNEL_ERROR: Unauthorized: You do not have permissions to read from this Channel topic: user:somebody",
      "another's topic",
    );
    await sql(`
      create function tell() returns trigger language plpgsql security definer set search_path = '' as $$
      begin
        perform realtime.broadcast_changes('user:' || new.owner, tg_op, tg_op, tg_table_name, tg_table_schema, new, old);
        return new;
      end $$;
      create trigger tell after insert or update on calls for each row execute function tell();
      insert into calls values (1, '${id}', 'ringing');
      select realtime.send('{"hello": 1}', 'greeting', 'user:${id}');
      select realtime.send('{"hello": 2}', 'greeting', 'user:${id}', false);
    `);
    await hers.until(2);
    equal([hers.received[0].event, hers.received[0].payload.record.status], ["INSERT", "ringing"], "trigger");
    equal([hers.received[1].event, hers.received[1].payload.hello], ["greeting", 1], "realtime.send");
    equal(hers.received[1].meta.id, hers.received[1].payload.id, "id");
  },

  async "past broadcasts of the database come again"() {
    await sql(ROOM);
    const ada = await signedIn("ada");
    const topic = `user:${(await ada.auth.getUser()).data.user!.id}`;
    await ada.realtime.setAuth();
    await sql(`
      select realtime.send(jsonb_build_object('number', n), 'past', '${topic}') from generate_series(1, 4) n;
      select realtime.send('{"number": 0}', 'past', 'user:somebody');
      update realtime.messages set inserted_at = inserted_at - interval '1 hour' where payload ->> 'number' = '1';
      update realtime.messages set inserted_at = inserted_at + (payload ->> 'number') :: int * interval '1 ms';
    `);
    const listen = (channel: any) => channel.on("broadcast", { event: "*" }, (message: any) => channel.note(message));
    const since = Date.now() - 60_000;
    const config = (replay: unknown) => ({ private: true, broadcast: { replay } });
    const all = open(ada, topic, listen, config({ since, limit: 10 }));
    equal(await all.joined, "SUBSCRIBED", "joined");
    await all.until(3);
    equal(all.received.map((message) => message.payload.number), [2, 3, 4], "oldest first, none before the time");
    equal(all.received.map((message) => message.meta.replayed), [true, true, true], "marked");
    await ada.removeAllChannels();
    const newest = open(ada, topic, listen, config({ since, limit: 2 }));
    await newest.until(2);
    equal(newest.received.map((message) => message.payload.number), [3, 4], "the newest");
    await sql(`select realtime.send('{"number": 5}', 'now', '${topic}')`);
    await newest.until(3);
    equal([newest.received[2].event, newest.received[2].meta.replayed], ["now", undefined], "then the current ones");
  },

  async "an expired token ends the channel"() {
    const { token } = await control("tokens", { sub: crypto.randomUUID(), exp: Math.floor(Date.now() / 1000) + 2 }) as {
      token: string;
    };
    const ada = client();
    await ada.realtime.setAuth(token);
    const closed = event<string>();
    const channel = ada.channel("room");
    channel.on("system", {}, (payload: any) => closed.resolve(payload.message));
    channel.subscribe();
    equal(/^Token has expired \d+ seconds ago$/.test(await closed.arrived), true, "message");
  },

  async "changes after an outage of the database arrive"() {
    await sql(TABLE);
    const all = open(admin, "calls", changes);
    await all.system;
    await sql("insert into calls values (1)");
    await all.until(1);
    await control("database/stop", {});
    await control("database/start", {});
    await sql("insert into calls values (2)");
    await all.until(2);
    equal(all.received.map((change) => change.new.id), [1, 2], "both");
  },

  async "a publication that is dropped and made again"() {
    await sql(TABLE);
    const all = open(admin, "calls", changes);
    await all.system;
    await sql(
      "begin; drop publication supabase_realtime; create publication supabase_realtime for table calls; commit;",
    );
    await sql("insert into calls values (1)");
    await all.until(1);
  },

  async "version 1 of the protocol"() {
    await sql(TABLE);
    const old = client(env.supabase_secret_key, { realtime: { vsn: "1.0.0" } });
    const room = open(old, "calls", (channel) => {
      changes(channel);
      channel.on("broadcast", { event: "note" }, (message: any) => channel.note(message.payload));
    }, { broadcast: { self: true } });
    await room.system;
    await sql("insert into calls values (1)");
    await room.until(1);
    await room.channel.send({ type: "broadcast", event: "note", payload: { a: 1 } });
    await room.until(2);
    equal([room.received[0].new.id, room.received[1]], [1, { a: 1 }], "both");
  },
};

const check = checks[Deno.args[1]];
if (check === undefined) throw new Error(`no check ${Deno.args[1]}`);
await check();
Deno.exit(0);
