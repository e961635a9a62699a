"""The Supabase project: real Postgres and PostgREST, Deno functions, the gateway and the Management API."""
