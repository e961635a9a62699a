/** supabase-js, unmodified, against the sandbox's REST API: `deno run -A rest.ts ENV CHECK`. */

import { client, data, env, equal, error, sql } from "./checks.ts";

const server = client(env.supabase_secret_key);

/** A name of its own for each check: PostgREST may still know a table of the check before. */
const table = `items_${Deno.args[1].replaceAll(/\W/g, "_")}`;
const remove = `remove_${table}`;

async function items(count: number) {
  await sql(`
    create table ${table} (id int primary key, label text, tags text[] not null default '{}');
    insert into ${table} select n, 'item ' || n from generate_series(1, ${count}) n;
    create function ${remove}(below int) returns setof ${table} language sql
      as 'delete from ${table} where id < below returning *';
    notify pgrst, 'reload schema'`);
  // PostgREST learns of the function and of the table together.
  while ((await server.rpc(remove, { below: 0 })).error?.code === "PGRST202") {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const remaining = async () => data(await server.from(table).select("id").order("id")).map(({ id }) => id);

const checks: Record<string, () => Promise<void>> = {
  async "insert, upsert, select, update, delete and call"() {
    await items(2);
    data(await server.from(table).insert({ id: 3, label: "three", tags: ["a", "b"] }).select());
    data(await server.from(table).upsert({ id: 3, label: "three again" }).select());
    const { data: found, count } = await server.from(table).select("id,label", { count: "exact" }).gt("id", 1).order(
      "id",
    );
    equal([found, count], [[{ id: 2, label: "item 2" }, { id: 3, label: "three again" }], 2], "selected");
    equal(data(await server.from(table).select().contains("tags", ["a"]).single()).id, 3, "an array");
    equal(
      data(await server.from(table).update({ label: "x" }).eq("id", 1).select("label")),
      [{ label: "x" }],
      "updated",
    );
    equal(data(await server.from(table).delete().eq("id", 1).select("id")), [{ id: 1 }], "deleted");
    equal(data(await server.rpc(remove, { below: 3 })).length, 1, "called");
    equal(await remaining(), [3], "left");
  },

  async "at most so many rows"() {
    await items(5);
    const refused = [undefined, "PGRST124", "Query result exceeds max-affected preference constraint"];
    const many = await server.from(table).delete().gt("id", 2).maxAffected(2);
    equal([many.status, error(many), many.error?.details], [400, refused, "The query affects 3 rows"], "deletion");
    equal(error(await server.from(table).update({ label: "x" }).gt("id", 0).maxAffected(4)), refused, "update");
    equal(error(await server.rpc(remove, { below: 4 }).maxAffected(2)), refused, "call");
    equal(await remaining(), [1, 2, 3, 4, 5], "nothing has changed");
    equal(data(await server.from(table).select().eq("label", "x")), [], "no label has changed");

    equal(data(await server.from(table).delete().gt("id", 3).maxAffected(2).select("id")).length, 2, "deletion");
    equal(
      data(await server.from(table).update({ label: "x" }).lte("id", 2).maxAffected(2).select()).length,
      2,
      "update",
    );
    equal(data(await server.rpc(remove, { below: 2 }).maxAffected(1)).length, 1, "call");
    equal(await remaining(), [2, 3], "left");
    const wrong = await server.from(table).update({ nope: 1 } as never).eq("id", 2).maxAffected(2);
    equal(wrong.error?.code, "PGRST204", "another error is the request's own");
  },

  async "a dry run changes the rows, as hosted"() {
    await items(1);
    data(await server.from(table).update({ label: "x" }).eq("id", 1).rollback().select());
    equal(data(await server.from(table).select("label")), [{ label: "x" }], "projects do not allow a rollback");
  },

  async "errors of missing tables, schemas and functions"() {
    equal(error(await server.from("nope").select()), [
      undefined,
      "PGRST205",
      "Could not find the table 'public.nope' in the schema cache",
    ], "table");
    equal(error(await server.schema("private").from("nope").select()), [
      undefined,
      "PGRST106",
      "The schema must be one of the following: public, graphql_public",
    ], "schema");
    equal((await server.rpc("nope")).error?.code, "PGRST202", "function");
  },
};

await checks[Deno.args[1]]();
