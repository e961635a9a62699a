-- migration.sql: the CRM's own tables, and which of Voicehooks' rows its users may read.
create table public.agents (
  user_id uuid primary key references auth.users (id) on delete cascade,
  name    text not null,
  -- The phone that rings first when this agent calls a lead.
  phone   text not null unique
);

create table public.leads (
  id         uuid primary key default gen_random_uuid(),
  name       text not null,
  company    text not null default '',
  phone      text not null unique check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  created_at timestamptz not null default now()
);

alter table public.agents enable row level security;
alter table public.leads enable row level security;
grant select on public.agents to authenticated;
grant select, insert, update on public.leads to authenticated;

create policy "users see all agents" on public.agents for select to authenticated using (true);
create policy "users read leads" on public.leads for select to authenticated using (true);
create policy "users add leads" on public.leads for insert to authenticated with check (true);
create policy "users change leads" on public.leads for update to authenticated using (true);

grant select on public.twilio_calls, public.twilio_recordings, public.twilio_agents_on_call to authenticated;

create policy "users see incoming calls and those they placed" on public.twilio_calls
  for select to authenticated
  using (placed_by = (select auth.uid()) or (direction = 'inbound' and parent_call_sid is null));

create policy "users see the legs that rang their phone" on public.twilio_calls
  for select to authenticated
  using (parent_call_sid is not null
    and to_number = (select a.phone from public.agents a where a.user_id = (select auth.uid())));

create policy "who sees a call sees its recordings" on public.twilio_recordings
  for select to authenticated
  using (exists (select from public.twilio_calls c where c.call_sid = twilio_recordings.call_sid));

-- Each call with its lead: the one that the Call button named, else the one with that number.
create view public.lead_calls with (security_invoker = true) as
select c.*, l.id as lead_id, l.name as lead_name, l.company as lead_company
from public.twilio_calls c
left join public.leads l on case when c.reference is null then l.phone = c.lead_number else l.id::text = c.reference end
where c.parent_call_sid is null and c.call_sid is not null;

revoke all on public.lead_calls from anon, authenticated;
grant select on public.lead_calls to authenticated;
