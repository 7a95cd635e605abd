-- What a clean-up leaves behind so that it can be undone, and what a scan has not looked at.

alter table scans
  -- Where the next scan goes on, by task; null when this one came to the end.
  add column resume_after varchar(32),
  -- What was not looked at, and why.
  add column left_out jsonb not null default '[]',
  add column looked jsonb not null default '{}';

alter table cleanups
  add column findings jsonb not null default '[]',
  -- Planned rows and files that were no longer as they were planned.
  add column skipped jsonb not null default '[]',
  -- What scanning again has found.
  add column remaining jsonb not null default '[]',
  add column executed_at timestamptz,
  add column executed_by varchar(50),
  add column reason text,
  add column rolled_back_by varchar(50),
  -- Since when the snapshot is gone: a clean-up can then no longer be undone.
  add column snapshot_removed_at timestamptz;
create index idx_cleanups_created_at on cleanups (created_at desc, id desc);
create index idx_cleanups_snapshots on cleanups (executed_at) where executed_at is not null and snapshot_removed_at is null;

-- Each row that a clean-up changed: how it was and how it was left, as Postgres writes a row, so that not a bit is lost.
create table cleanup_rows (
  cleanup_id varchar(50) not null references cleanups (id) on delete cascade,
  no integer not null,
  table_name varchar(50) not null,
  row_key text not null,
  action varchar(10) not null check (action in ('delete', 'update', 'insert')),
  -- Null of a row that was inserted.
  before_image text,
  -- Null of a row that was deleted.
  after_image text,
  primary key (cleanup_id, no)
);

-- Each file that a clean-up removed, and where its copy lies.
create table cleanup_files (
  cleanup_id varchar(50) not null references cleanups (id) on delete cascade,
  no integer not null,
  key text not null,
  copy_key text not null,
  size bigint not null,
  content_hash varchar(64) not null,
  -- Null until it is gone from its place: it may have been left there since somebody has changed it.
  removed_at timestamptz,
  primary key (cleanup_id, no)
);
