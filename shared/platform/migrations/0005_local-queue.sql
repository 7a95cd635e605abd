-- Messages of local runners that keep their queue in the store (HELIX_LOCAL_QUEUE=store). One row per message while it
-- lives or lies dead; clouds have queues of their own and leave this empty.
create table local_queue_messages (
  id bigint generated always as identity primary key,
  -- Not jsonb: a message arrives byte for byte.
  message json not null,
  attempt int not null default 0,
  -- Rises with each delivery: the fencing token of whoever holds it.
  deliveries int not null default 0,
  in_flight boolean not null default false,
  sent_at timestamptz not null,
  visible_at timestamptz not null,
  reason text,
  died_at timestamptz
);

-- Handing out reads the first few of these.
create index idx_local_queue_living on local_queue_messages (visible_at, id) where died_at is null;
create index idx_local_queue_dead on local_queue_messages (died_at, id) where died_at is not null;
