/** A small business of our own: enough for every step to have something to say. */
export const SHOP = `
  create type order_status as enum ('open', 'paid', 'shipped');
  create table customer (
    id integer primary key,
    name text not null,
    city text,
    referred_by integer references customer (id)
  );
  create table product (id integer primary key, name text not null, price numeric(10, 2) not null, discontinued boolean not null default false);
  create table "Order" (
    id integer primary key,
    customer_id integer not null references customer (id),
    product_id integer not null references product (id),
    status order_status not null,
    quantity integer not null check (quantity > 0),
    ordered_on date not null
  );
  create table never_used (id integer primary key, note text);
  create view paid_orders as select id, customer_id, quantity, ordered_on from "Order" where status <> 'open';
  comment on table customer is '客户';
  comment on column customer.name is '客户姓名';
  comment on column customer.city is '所在城市';
  comment on table product is '商品';
  comment on column product.price is '单价';
  comment on table "Order" is '订单';
  comment on column "Order".quantity is '数量';
  comment on column "Order".ordered_on is '下单日期';
  insert into customer
  select n, 'Customer ' || n, (array['Berlin', 'Paris', 'Lyon'])[1 + n % 3], case when n > 3 then n - 3 end
    from generate_series(1, 30) as n;
  insert into product select n, 'Product ' || n, n * 1.5, n % 5 = 0 from generate_series(1, 10) as n;
  insert into "Order"
  select n, 1 + n % 30, 1 + n % 10, (array['open', 'paid', 'shipped'])[1 + n % 3]::order_status, 1 + n % 7, date '2024-01-01' + n
    from generate_series(1, 200) as n;
  analyze;
`
