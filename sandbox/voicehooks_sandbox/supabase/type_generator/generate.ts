// Prints the TypeScript types of a database, as Supabase's own generator writes them.
// Arguments: the connection URL, PostgREST's version, then the schemas.

import pg from "pg";
import { generateTypescript, sortGeneratorMetadata } from "@supabase/postgrest-typegen/generation";
import { introspect } from "@supabase/postgrest-typegen/introspection";

const [connectionString, postgrestVersion, ...includedSchemas] = Deno.args;
const client = new pg.Client({ connectionString });
await client.connect();
const metadata = await introspect(client, { includedSchemas });
await client.end();
console.log(await generateTypescript(sortGeneratorMetadata(metadata), { postgrestVersion }));
