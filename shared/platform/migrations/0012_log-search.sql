-- Keyword search over the lines of all tasks: a block of some hundred lines with the word parts that occur in them.
-- Lines are folded into blocks afterwards, by a schedule, so that writing them costs nothing more.
create table log_blocks (
  -- The last line of the block; blocks follow each other without a gap.
  to_id bigint primary key,
  from_id bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  -- Hashes of word parts, levels, steps and tasks: a block without one of those that are looked for has no such line.
  grams integer[] not null
);

-- Written at once: a list of pending entries would be read by every search until somebody vacuums.
create index idx_log_blocks_grams on log_blocks using gin (grams) with (fastupdate = off);

create table log_folding (
  name varchar(20) primary key,
  folded_to bigint not null default 0,
  -- Lines up to this id have been handed out; whoever wrote one has committed once no transaction below the other is left.
  horizon_id bigint not null default 0,
  horizon_xid bigint not null default 0,
  horizon_at timestamptz,
  -- How far blocks have been looked through for those whose lines are all gone.
  checked_to bigint not null default 0
);
insert into log_folding (name) values ('task_logs');
