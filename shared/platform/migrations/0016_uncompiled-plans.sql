-- Just-in-time compilation takes a quarter of a second for statements that take a millisecond, and is begun where the
-- planner guesses high: on a server that has not analyzed the tables, the more rows the surer. Said per function too,
-- since behind a pooler a session's settings may be another's.
alter function helix_write(jsonb) set jit = off;
alter function helix_accept(jsonb) set jit = off;
alter function helix_admit(text, integer, timestamptz, timestamptz) set jit = off;

-- As before, but planned once a session instead of once a call.
create or replace function helix_lock_schedule() returns void language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('helix.schedule', 0));
end
$$;
