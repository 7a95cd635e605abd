-- 高速公路服务区管理系统：公司、分公司、路段、服务区、商户，以及每天的营业、车流和投诉。

create type bss_vehicle_type as enum ('小型客车', '大型客车', '货车', '危化品车');
comment on type bss_vehicle_type is '车辆类型：危化品车在法定长假期间禁止通行';

create table bss_company (
  id integer primary key,
  name varchar(60) not null unique,
  code varchar(10) not null unique,
  registered_city varchar(20) not null,
  service_phone varchar(20),
  founded_on date not null
);
comment on table bss_company is '公司表，经营服务区的企业';
comment on column bss_company.id is '公司编号';
comment on column bss_company.name is '公司名称';
comment on column bss_company.code is '公司代码';
comment on column bss_company.registered_city is '注册城市';
comment on column bss_company.service_phone is '客服电话';
comment on column bss_company.founded_on is '成立日期';

create table bss_branch (
  id integer primary key,
  company_id integer not null references bss_company (id),
  name varchar(60) not null unique,
  manager_name varchar(20) not null,
  employee_count integer not null check (employee_count > 0),
  office_phone varchar(20),
  founded_on date not null
);
create index on bss_branch (company_id);
comment on table bss_branch is '分公司表，管理若干服务区和商户';
comment on column bss_branch.id is '分公司编号';
comment on column bss_branch.company_id is '公司编号';
comment on column bss_branch.name is '分公司名称';
comment on column bss_branch.manager_name is '负责人姓名';
comment on column bss_branch.employee_count is '员工人数';
comment on column bss_branch.office_phone is '办公电话';
comment on column bss_branch.founded_on is '成立日期';

create table bss_section_route (
  id integer primary key,
  name varchar(40) not null unique,
  code varchar(10) not null unique,
  length_km numeric(6, 2) not null check (length_km > 0),
  lane_count smallint not null default 4 check (lane_count in (4, 6, 8)),
  speed_limit_kmh smallint not null default 120 check (speed_limit_kmh between 60 and 120),
  opened_on date not null
);
comment on table bss_section_route is '高速路段表';
comment on column bss_section_route.id is '路段编号';
comment on column bss_section_route.name is '路段名称';
comment on column bss_section_route.code is '路段代码';
comment on column bss_section_route.length_km is '路段长度（公里）';
comment on column bss_section_route.lane_count is '双向车道数';
comment on column bss_section_route.speed_limit_kmh is '最高限速（公里/小时）';
comment on column bss_section_route.opened_on is '通车日期';

create table bss_service_area (
  id integer primary key,
  branch_id integer not null references bss_branch (id),
  center_area_id integer references bss_service_area (id),
  name varchar(40) not null unique,
  code varchar(10) not null unique,
  direction text not null check (direction in ('东行', '西行', '南行', '北行')),
  grade text not null check (grade in ('A类', 'B类', 'C类')),
  is_open boolean not null default true,
  has_car_counter boolean not null default false,
  parking_space_count integer not null check (parking_space_count > 0),
  floor_area_sqm numeric(8, 1) not null check (floor_area_sqm > 0),
  services text[] not null default '{}',
  opened_on date not null,
  renovated_on date,
  constraint bss_service_area_not_its_own_center check (center_area_id <> id)
);
create index on bss_service_area (branch_id);
comment on table bss_service_area is '服务区表';
comment on column bss_service_area.id is '服务区编号';
comment on column bss_service_area.branch_id is '管理分公司编号';
comment on column bss_service_area.center_area_id is '中心服务区编号，即负责管理本服务区的服务区，最高一级的为空';
comment on column bss_service_area.name is '服务区名称';
comment on column bss_service_area.code is '服务区代码';
comment on column bss_service_area.direction is '行车方向';
comment on column bss_service_area.grade is '服务区等级';
comment on column bss_service_area.is_open is '是否营业';
comment on column bss_service_area.has_car_counter is '是否安装车流统计设备';
comment on column bss_service_area.parking_space_count is '停车位数量';
comment on column bss_service_area.floor_area_sqm is '综合楼面积（平方米）';
comment on column bss_service_area.services is '特色服务';
comment on column bss_service_area.opened_on is '开业日期';
comment on column bss_service_area.renovated_on is '最近改造日期，未改造过的为空';

create table bss_section_route_area_link (
  section_route_id integer not null references bss_section_route (id),
  service_area_id integer not null references bss_service_area (id),
  stake_km numeric(7, 3) not null check (stake_km >= 0),
  is_main boolean not null default true,
  primary key (section_route_id, service_area_id)
);
create index on bss_section_route_area_link (service_area_id);
comment on table bss_section_route_area_link is '路段服务区关联表';
comment on column bss_section_route_area_link.section_route_id is '路段编号';
comment on column bss_section_route_area_link.service_area_id is '服务区编号';
comment on column bss_section_route_area_link.stake_km is '桩号里程（公里）';
comment on column bss_section_route_area_link.is_main is '是否主线路段';

create table bss_merchant (
  id integer primary key,
  service_area_id integer not null references bss_service_area (id),
  branch_id integer not null references bss_branch (id),
  name varchar(40) not null,
  category text not null check (category in ('餐饮', '便利店', '小吃', '茶饮咖啡', '土特产', '汽车维修')),
  contact_name varchar(20) not null,
  contact_phone varchar(20),
  shop_area_sqm numeric(6, 1) not null check (shop_area_sqm > 0),
  monthly_rent numeric(10, 2) not null check (monthly_rent >= 0),
  commission_rate numeric(4, 3) not null default 0.080 check (commission_rate between 0 and 1),
  is_open boolean not null default true,
  opened_on date not null,
  closed_on date,
  unique (service_area_id, id),
  constraint bss_merchant_closed_after_opening check (closed_on > opened_on),
  constraint bss_merchant_open_or_closed check (is_open = (closed_on is null))
);
create index on bss_merchant (branch_id);
comment on table bss_merchant is '商户表，进驻服务区经营的店铺';
comment on column bss_merchant.id is '商户编号';
comment on column bss_merchant.service_area_id is '服务区编号';
comment on column bss_merchant.branch_id is '管理分公司编号';
comment on column bss_merchant.name is '商户名称';
comment on column bss_merchant.category is '经营类别';
comment on column bss_merchant.contact_name is '联系人姓名';
comment on column bss_merchant.contact_phone is '联系电话';
comment on column bss_merchant.shop_area_sqm is '经营面积（平方米）';
comment on column bss_merchant.monthly_rent is '月租金（元）';
comment on column bss_merchant.commission_rate is '营业额提成比例';
comment on column bss_merchant.is_open is '是否营业';
comment on column bss_merchant.opened_on is '进驻日期';
comment on column bss_merchant.closed_on is '撤场日期，仍在经营的为空';

create table bss_business_day_data (
  id integer generated always as identity primary key,
  service_area_id integer not null references bss_service_area (id),
  merchant_id integer not null,
  business_date date not null,
  wx_amount numeric(10, 2) not null default 0 check (wx_amount >= 0),
  wx_order_count integer not null default 0 check (wx_order_count >= 0),
  zfb_amount numeric(10, 2) not null default 0 check (zfb_amount >= 0),
  zfb_order_count integer not null default 0 check (zfb_order_count >= 0),
  cash_amount numeric(10, 2) not null default 0 check (cash_amount >= 0),
  cash_order_count integer not null default 0 check (cash_order_count >= 0),
  card_amount numeric(10, 2) check (card_amount >= 0),
  card_order_count integer check (card_order_count >= 0),
  total_amount numeric(12, 2) not null
    generated always as (wx_amount + zfb_amount + cash_amount + coalesce(card_amount, 0)) stored,
  total_order_count integer not null
    generated always as (wx_order_count + zfb_order_count + cash_order_count + coalesce(card_order_count, 0)) stored,
  data_source text not null default '系统采集' check (data_source in ('系统采集', '人工补录')),
  recorded_at timestamptz not null,
  unique (merchant_id, business_date),
  constraint bss_business_day_data_merchant_fkey
    foreign key (service_area_id, merchant_id) references bss_merchant (service_area_id, id)
);
create index on bss_business_day_data (service_area_id, business_date);
create index on bss_business_day_data (business_date);
comment on table bss_business_day_data is '营业日报表，每个商户每天一行';
comment on column bss_business_day_data.id is '营业记录编号';
comment on column bss_business_day_data.service_area_id is '服务区编号';
comment on column bss_business_day_data.merchant_id is '商户编号';
comment on column bss_business_day_data.business_date is '营业日期';
comment on column bss_business_day_data.wx_amount is '微信支付金额（元）';
comment on column bss_business_day_data.wx_order_count is '微信订单数';
comment on column bss_business_day_data.zfb_amount is '支付宝支付金额（元）';
comment on column bss_business_day_data.zfb_order_count is '支付宝订单数';
comment on column bss_business_day_data.cash_amount is '现金支付金额（元）';
comment on column bss_business_day_data.cash_order_count is '现金订单数';
comment on column bss_business_day_data.card_amount is '刷卡支付金额（元），没有刷卡机的商户为空';
comment on column bss_business_day_data.card_order_count is '刷卡订单数，没有刷卡机的商户为空';
comment on column bss_business_day_data.total_amount is '营业额（元），各支付方式金额之和';
comment on column bss_business_day_data.total_order_count is '订单总数，各支付方式订单数之和';
comment on column bss_business_day_data.data_source is '数据来源';
comment on column bss_business_day_data.recorded_at is '入库时间';

create table bss_car_day_count (
  id integer generated always as identity primary key,
  service_area_id integer not null references bss_service_area (id),
  count_date date not null,
  vehicle_type bss_vehicle_type not null,
  car_count integer not null check (car_count >= 0),
  average_stay_minutes numeric(5, 1) check (average_stay_minutes > 0),
  unique (service_area_id, count_date, vehicle_type)
);
create index on bss_car_day_count (count_date);
comment on table bss_car_day_count is '车流日报表，每个服务区每天每种车辆一行';
comment on column bss_car_day_count.id is '车流记录编号';
comment on column bss_car_day_count.service_area_id is '服务区编号';
comment on column bss_car_day_count.count_date is '统计日期';
comment on column bss_car_day_count.vehicle_type is '车辆类型';
comment on column bss_car_day_count.car_count is '驶入车辆数（辆）';
comment on column bss_car_day_count.average_stay_minutes is '平均停留时长（分钟），没有车辆或设备故障时为空';

create table bss_facility (
  id integer primary key,
  service_area_id integer not null references bss_service_area (id),
  name varchar(40) not null,
  facility_type text not null,
  unit_count integer not null check (unit_count > 0),
  status text not null default '正常' check (status in ('正常', '检修', '停用')),
  specification jsonb not null default '{}',
  installed_on date not null,
  inspected_at timestamptz
);
create index on bss_facility (service_area_id);
comment on table bss_facility is '服务设施表';
comment on column bss_facility.id is '设施编号';
comment on column bss_facility.service_area_id is '服务区编号';
comment on column bss_facility.name is '设施名称';
comment on column bss_facility.facility_type is '设施类型';
comment on column bss_facility.unit_count is '设施数量';
comment on column bss_facility.status is '设施状态';
comment on column bss_facility.specification is '规格参数';
comment on column bss_facility.installed_on is '启用日期';
comment on column bss_facility.inspected_at is '最近巡检时间，尚未巡检的为空';

create table bss_complaint (
  id integer primary key,
  service_area_id integer not null references bss_service_area (id),
  merchant_id integer,
  complained_at timestamptz not null,
  category text not null,
  channel text not null check (channel in ('客服热线', '小程序', '现场', '12345热线')),
  content text not null,
  status text not null default '待处理' check (status in ('待处理', '处理中', '已办结')),
  closed_at timestamptz,
  satisfaction smallint check (satisfaction between 1 and 5),
  compensation_amount numeric(8, 2) check (compensation_amount > 0),
  constraint bss_complaint_merchant_fkey
    foreign key (service_area_id, merchant_id) references bss_merchant (service_area_id, id),
  constraint bss_complaint_closed_when_done check ((status = '已办结') = (closed_at is not null))
);
create index on bss_complaint (service_area_id);
comment on table bss_complaint is '顾客投诉表';
comment on column bss_complaint.id is '投诉编号';
comment on column bss_complaint.service_area_id is '服务区编号';
comment on column bss_complaint.merchant_id is '被投诉商户编号，与商户无关的投诉为空';
comment on column bss_complaint.complained_at is '投诉时间';
comment on column bss_complaint.category is '投诉类别';
comment on column bss_complaint.channel is '投诉渠道';
comment on column bss_complaint.content is '投诉内容';
comment on column bss_complaint.status is '处理状态';
comment on column bss_complaint.closed_at is '办结时间，未办结的为空';
comment on column bss_complaint.satisfaction is '满意度评分，1至5分，顾客未评价的为空';
comment on column bss_complaint.compensation_amount is '赔付金额（元），未赔付的为空';

create view bss_service_area_month_revenue as
select area.id as service_area_id,
       area.name as service_area_name,
       branch.name as branch_name,
       date_trunc('month', day.business_date::timestamp)::date as business_month,
       sum(day.total_amount) as month_amount,
       sum(day.total_order_count) as month_order_count,
       count(distinct day.merchant_id) as merchant_count
  from bss_business_day_data as day
  join bss_service_area as area on area.id = day.service_area_id
  join bss_branch as branch on branch.id = area.branch_id
 group by area.id, area.name, branch.name, date_trunc('month', day.business_date::timestamp)::date;
comment on view bss_service_area_month_revenue is '服务区营业月报，每个服务区每月一行';
comment on column bss_service_area_month_revenue.service_area_id is '服务区编号';
comment on column bss_service_area_month_revenue.service_area_name is '服务区名称';
comment on column bss_service_area_month_revenue.branch_name is '分公司名称';
comment on column bss_service_area_month_revenue.business_month is '营业月份，取当月第一天';
comment on column bss_service_area_month_revenue.month_amount is '月营业额（元）';
comment on column bss_service_area_month_revenue.month_order_count is '月订单数';
comment on column bss_service_area_month_revenue.merchant_count is '营业商户数';
