-- Indexes for what asks for the newest rows: `voicehooks console`, `calls` and `doctor`. Without them each look reads
-- whole tables, and the console looks every two seconds. Columns that change with every callback, such as updated_at,
-- have no index on purpose: it would make each update of a row write to all indexes of its table.

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261201600000' $$;

create index if not exists twilio_calls_created on public.twilio_calls (created_at);
create index if not exists twilio_recordings_created on public.twilio_recordings (created_at);
create index if not exists twilio_call_events_received on public.twilio_call_events (received_at);
