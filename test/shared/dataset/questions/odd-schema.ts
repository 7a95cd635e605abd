/** A small database with what tends to break generated SQL: odd names, odd types, every kind of key, rows in all but one table. */
export const ODD_SCHEMA = `
create schema crm; create schema "Lager";
create type crm.tier as enum ('gold', 'silver_plus', 'bronze');
create table crm.customer (id int primary key, name text not null, tier crm.tier not null, email text,
  is_active boolean not null, tags text[] not null, extra jsonb, plain json, photo bytea, spot point,
  joined_on date not null, document tsvector);
insert into crm.customer
select i, 'Customer ' || chr(64 + i), (array['gold', 'silver_plus', 'bronze'])[1 + i % 3]::crm.tier,
       case when i % 4 > 0 then 'c' || i || '@example.com' end, i % 3 > 0,
       case when i % 2 = 0 then array['new', 'large'] else array['old'] end,
       jsonb_build_object('source', case when i % 2 = 0 then 'web' else 'shop' end), '{"a":1}', '\\x01', point(i, i),
       date '2020-01-01' + i * 17, to_tsvector('english', 'Customer number ' || i)
  from generate_series(1, 20) i;
create table product (company int not null, code text not null, title text not null, unit_price numeric(10, 2) not null,
  weight double precision, primary key (company, code));
insert into product select 1 + i % 2, 'P' || i, 'Product ' || chr(64 + i), i * 3.5, case when i % 5 > 0 then i * 0.3 end
  from generate_series(1, 12) i;
create table "Bestellung" ("Nr" int primary key, "Kunde_Id" int not null references crm.customer,
  "RechnungsKundeId" int references crm.customer, "BestelltAm" timestamptz not null, "Größe" int not null,
  status varchar(20) not null check (status in ('open', 'sent', 'paid')));
insert into "Bestellung"
select i, 1 + i % 15, case when i % 3 > 0 then 1 + i % 7 end, timestamptz '2021-01-05 10:00+00' + i * interval '9 days',
       i % 6 * 10, (array['open', 'sent', 'paid'])[1 + i % 3]
  from generate_series(1, 60) i;
create table "Lager"."order" (id int primary key, bestellung_nr int not null references "Bestellung",
  company int not null, code text not null, quantity int not null, foreign key (company, code) references product);
insert into "Lager"."order" select i, 1 + i % 60, 1 + (1 + i % 12) % 2, 'P' || (1 + i % 12), 1 + i % 9
  from generate_series(1, 150) i;
create table category (id int primary key, label text not null, parent_id int references category);
insert into category values (1, 'All', null), (2, 'Food', 1), (3, 'Tools', 1), (4, 'Bread', 2), (5, 'Hammers', 3);
create table step (id int primary key, after_id int references step, minutes int not null, done_on date not null);
insert into step select i, nullif(i / 2, 0), i * 7 % 13, date '2022-03-01' + i from generate_series(1, 12) i;
create table "2020" (id int primary key, "1" int, "2 b" text);
insert into "2020" select i, i * i, 'v' || i % 3 from generate_series(1, 9) i;
create table nothing (id int primary key, name text, customer_id int references crm.customer);
create view customer_overview as select id, name, tier from crm.customer;
create materialized view unfilled as select 1 as one with no data;
`
