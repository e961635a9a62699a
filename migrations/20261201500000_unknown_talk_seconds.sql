-- How long the legs of a call talked is unknown (null) until one of them has reported its duration. Before, it was
-- 2147483647 seconds: `least` ignores a null, and gave the limit in its place.

create or replace function voicehooks.schema_version() returns text
language sql immutable as $$ select '20261201500000' $$;

-- Updates a call with the outcome of the legs it dialed. The call's row is locked, so that the last of several concurrent
-- events sees all legs.
create or replace function voicehooks.roll_up_legs(parent text) returns void
language plpgsql volatile as $$
begin
  update public.twilio_calls c set
    started_at = least(c.started_at, legs.started_at),
    dial_status = legs.status,
    dial_number = least(nullif(c.dial_number, ''), legs.number),
    dial_answered_at = legs.answered_at,
    -- The durations come from Twilio, and their sum may be too large for the column.
    dial_seconds = case when legs.seconds > 2147483647 then 2147483647 else legs.seconds end
  from (
    select
      min(leg.started_at) as started_at,
      min(leg.to_number) as number,
      min(leg.answered_at) as answered_at,
      sum(leg.duration_seconds) filter (where leg.step >= 8) as seconds,
      -- The leg that got furthest decides; null: no leg (any more).
      case max(leg.step)
        when 9 then 'in-progress' when 8 then 'completed' when 7 then 'ringing' when 6 then 'initiated'
        when 5 then 'queued' when 4 then 'busy' when 3 then 'no-answer' when 2 then 'failed' when 1 then 'canceled'
      end::voicehooks.call_status as status
    from (
      select l.started_at, nullif(l.to_number, '') as to_number, l.answered_at, l.duration_seconds, case
        when l.status = 'in-progress' then 9
        when l.status = 'completed' or l.answered_at is not null then 8
        when l.status = 'ringing' then 7 when l.status = 'initiated' then 6 when l.status = 'queued' then 5
        when l.status = 'busy' then 4 when l.status = 'no-answer' then 3 when l.status = 'failed' then 2
        else 1 end as step
      from public.twilio_calls l where l.parent_call_sid = parent
    ) leg
  ) legs
  where c.call_sid = parent;
end
$$;

-- Only the calls that show the wrong time: the trigger then derives talk_seconds from the unknown one.
update public.twilio_calls set dial_seconds = null where talk_seconds = 2147483647;

revoke all on all functions in schema voicehooks from public;
