-- Folding waits for those who were writing lines when the horizon was set, and for nobody else: it used to wait for the
-- oldest write transaction of the whole server, also of other databases, and searches became slower meanwhile.
alter table log_folding
  -- Their virtual transactions, as pg_locks names them.
  add column horizon_writers text[] not null default '{}',
  drop column horizon_xid;
