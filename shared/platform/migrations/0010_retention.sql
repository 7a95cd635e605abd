-- Where a walk over many files goes on that one night did not finish.
create table retention_progress (
  name varchar(100) primary key,
  cursor text,
  updated_at timestamptz not null
);
