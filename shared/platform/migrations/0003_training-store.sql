-- The training store: two tables exactly as Vanna's PG_VectorStore reads them (through langchain-postgres), and one
-- beside them for what Helix needs to know. Works with and without pgvector.

create table if not exists langchain_pg_collection (
  uuid uuid primary key,
  name varchar not null unique,
  cmetadata json
);

do $$
begin
  begin
    create extension if not exists vector;
  exception when others then
    -- Not installed on this server, or not ours to install: vectors are then kept as real[] and compared exactly.
    null;
  end;
  execute format(
    'create table if not exists langchain_pg_embedding (
       id varchar primary key,
       collection_id uuid references langchain_pg_collection (uuid) on delete cascade,
       embedding %s,
       document varchar,
       cmetadata jsonb
     )',
    case when to_regtype('vector') is null then 'real[]' else 'vector' end
  );
end
$$;

create index if not exists idx_langchain_embedding_collection on langchain_pg_embedding (collection_id);
-- Vanna finds and deletes its items by this.
create index if not exists idx_langchain_embedding_item on langchain_pg_embedding ((cmetadata ->> 'id'));

insert into langchain_pg_collection (uuid, name, cmetadata) values
  ('5f1b3c52-77a4-5e0d-9d0b-1c6d1f6f0a01', 'sql', null),
  ('5f1b3c52-77a4-5e0d-9d0b-1c6d1f6f0a02', 'ddl', null),
  ('5f1b3c52-77a4-5e0d-9d0b-1c6d1f6f0a03', 'documentation', null)
on conflict (name) do nothing;

create table training_items (
  id varchar primary key references langchain_pg_embedding (id) on delete cascade,
  kind varchar(20) not null check (kind in ('sql', 'ddl', 'documentation')),
  source varchar(100) not null,
  task_id varchar(50) not null,
  tables text[] not null default '{}',
  -- What was embedded, kept so that another model can embed it again.
  embedded_text text not null,
  embedding_model varchar(200) not null,
  search tsvector not null,
  content_hash varchar(64) not null,
  updated_at timestamptz not null
);
create index idx_training_items_source on training_items (source, kind, id);
create index idx_training_items_model on training_items (embedding_model);
create index idx_training_items_search on training_items using gin (search);
