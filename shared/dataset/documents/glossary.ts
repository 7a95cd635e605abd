// What common words in names of columns and tables mean. Whole names first, then word by word.
const CHINESE_BY_WORD: Readonly<Record<string, string>> = Object.fromEntries(
  `first_name=名 last_name=姓 middle_name=中间名 full_name=姓名 user_name=用户名 username=用户名 nickname=昵称 surname=姓
  last_update=最后更新时间 last_updated=最后更新时间 created_at=创建时间 updated_at=更新时间 deleted_at=删除时间
  create_date=创建日期 created_date=创建日期 created_time=创建时间 updated_time=更新时间 birth_date=出生日期
  hire_date=入职日期 hired_date=入职日期 zip_code=邮政编码 postal_code=邮政编码 unit_price=单价 reports_to=上级
  phone_number=电话号码 home_phone=家庭电话 release_year=发行年份 release_date=发行日期 company_name=公司名称
  contact_name=联系人姓名 contact_title=联系人职务 job_title=职务 title_of_courtesy=尊称 order_date=下单日期
  required_date=要求到货日期 shipped_date=发货日期 due_date=到期日期 start_date=开始日期 end_date=结束日期
  invoice_line=发票明细 invoice_item=发票明细 order_line=订单明细 order_item=订单明细 order_detail=订单明细
  sales_order=销售订单 purchase_order=采购订单 media_type=媒体类型 playlist_track=播放列表曲目 units_in_stock=库存件数
  units_on_order=在途件数 reorder_level=再订货点 quantity_per_unit=每件规格 photo_path=照片路径 home_page=主页
  special_features=特别收录 rental_rate=租金 rental_duration=租期 replacement_cost=重置成本 support_representative=客服代表
  sales_representative=销售代表 store_manager=店长 account_manager=客户经理 us_state=美国州 customer_demographic=客户画像
  customer_type=客户类型 sales_target=销售目标 price_list=价目表 credit_limit=信用额度 cost_center=成本中心
  tax_code=税码 exchange_rate=汇率 fixed_asset=固定资产 storage_bin=库位 stock_movement=库存变动 stock_count=盘点
  goods_receipt=收货单 leave_request=请假申请 performance_review=绩效考核 salary_grade=薪级 job_position=岗位
  training_course=培训课程 cost_price=成本价 list_price=标价 unit_of_measure=计量单位 knowledge_article=知识文章
  manager_staff=经理 total_sales=总销售额 total_amount=总金额 total_price=总价 total_cost=总成本 total_revenue=总收入
  total_value=总值 state_name=州名 state_abbreviation=州缩写 state_region=州所属地区 order_total=订单总额
  id=编号 code=代码 name=名称 title=标题 description=描述 comment=备注 note=备注 notes=备注 remark=备注 type=类型
  kind=种类 status=状态 category=类别 class=级别 email=电子邮箱 mail=邮件 phone=电话 fax=传真 mobile=手机 address=地址
  district=区县 city=城市 town=城镇 province=省份 region=地区 country=国家 street=街道 price=价格 cost=成本 amount=金额
  total=总额 subtotal=小计 tax=税额 discount=折扣 quantity=数量 qty=数量 count=数量 number=号码 rate=费率 balance=余额
  currency=币种 date=日期 time=时间 year=年份 month=月份 day=日 week=周 quarter=季度 hour=小时 minute=分钟 start=开始
  end=结束 created=创建 updated=更新 deleted=删除 active=是否有效 enabled=是否启用 discontinued=是否停产 approved=是否批准
  password=密码 picture=图片 photo=照片 image=图片 url=网址 path=路径 language=语言 length=时长 size=大小 width=宽度
  height=高度 weight=重量 volume=体积 duration=时长 rating=评级 score=分数 level=级别 rank=排名 order=订单 customer=客户
  client=客户 user=用户 member=会员 person=人员 people=人员 employee=员工 staff=员工 worker=员工 manager=经理
  supervisor=主管 supplier=供应商 vendor=供应商 product=产品 goods=商品 item=条目 store=门店 shop=店铺 company=公司
  department=部门 team=团队 project=项目 task=任务 payment=付款 invoice=发票 bill=账单 rental=租赁 return=归还
  returned=归还 inventory=库存 stock=库存 warehouse=仓库 film=影片 movie=电影 actor=演员 artist=艺术家 album=专辑
  track=曲目 genre=流派 playlist=播放列表 composer=作曲者 birth=出生 hire=入职 shipper=承运商 ship=发货 shipped=发货
  shipping=发货 billing=账单 contact=联系人 birthday=生日 age=年龄 sex=性别 gender=性别 version=版本 source=来源
  target=目标 original=原始 parent=上级 special=特殊 feature=特性 release=发行 detail=明细 line=明细 media=媒体
  territory=销售区域 update=更新 last=最后 unit=单位 max=最大 min=最小 average=平均 avg=平均 freight=运费 extension=分机号
  homepage=主页 website=网站 abbreviation=缩写 milliseconds=毫秒数 bytes=字节数 fulltext=全文索引 list=列表
  information=信息 info=信息 history=历史 sales=销售额 sale=销售 seller=销售人 campaign=营销活动 quotation=报价单
  quote=报价 contract=合同 ticket=工单 equipment=设备 instrument=仪器 device=设备 sensor=传感器 sample=样品
  measurement=测量 result=结果 batch=批次 shift=班次 salary=工资 budget=预算 revenue=收入 profit=利润 income=收入
  expense=费用 fee=费用 journal=日记账 entry=分录 account=账户 currencies=币种 survey=问卷 answer=答案 question=问题
  skill=技能 technician=技术员 visit=访问 plan=计划 claim=索赔 area=区域 service=服务 maintenance=维护 warranty=质保
  applicant=应聘者 review=评审 course=课程 attendance=出勤 author=作者 book=图书 publisher=出版社 student=学生
  teacher=教师 school=学校 room=房间 hotel=酒店 booking=预订 flight=航班 airport=机场 vehicle=车辆 driver=司机
  channel=渠道 priority=优先级 segment=细分市场 subject=主题 message=消息 reason=原因 document=文档 page=页面 body=正文
  content=内容 tag=标签 event=事件 alarm=报警 reading=读数 temperature=温度 humidity=湿度 percentage=百分比 model=型号
  site=站点 brand=品牌 color=颜色 position=职位 method=方式 reference=参考号 serial=序列号 role=角色 group=组 label=标签
  key=键 value=值 setting=设置 log=日志 session=会话 device_type=设备类型 mentor=导师 buyer=采购员 owner=负责人
  reviewer=考核人 approver=审批人 assignee=负责人 creator=创建人 doctor=医生 patient=患者 drug=药品 dept=部门 hours=小时数
  hourly_rate=小时费率 opened=开启 closed=关闭 issued=开具 paid=支付 received=收到 installed=安装 bought=购入
  shipment=货运单 carrier=承运商 freight_forwarder=货代 patient=患者 admission=住院 registration=挂号 diagnosis=诊断
  prescription=处方 discharge=出院 insurance=保险 blood=血液 bed=床位 ward=病房 building=楼栋 lab=化验 test=检查
  urgent=加急 abnormal=异常 cancelled=取消 manufacturer=生产商 licence=执照 license=执照 expiry=有效期 dose=剂量
  stock_quantity=库存数量 daily_rate=日费率 sequence=序列 location=地点 organization=机构 center=中心 distribution=配送
  delivery=配送 arrival=到达 departure=出发 origin=始发地 destination=目的地 route=路线 cargo=货物 package=包裹
  container=集装箱 port=港口 customs=海关 duty=关税 declaration=申报 declared=申报 weight_kg=重量 capacity=容量
  industry=行业 annual=年度 daily=每日 monthly=每月 number_of=数量 support_ticket=工单 satisfaction=满意度
  interaction=互动 communication=沟通 preferred=首选 primary=主要 secondary=次要 outcome=结果 submission=提交
  processing=处理 current=当前 scheduled=计划 completion=完成 completed=完成 labor=人工 part=部件 replacement=更换
  hazardous=危险 requirement=要求 partner=合作伙伴 legal=法定 full=完整 maximum=最大 minimum=最小 opening=开业
  valid=有效 estimated=预计 actual=实际 planned=计划 expected=预计 net=净额 gross=总额`
    .split(/\s+/)
    .map((entry) => entry.split('=')),
)
const PHRASE_WORDS_MAX = 4

/** The words of a name, in lower case: `InvoiceLine`, `invoice_line` and `invoiceLine` are the same two. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
}

/** A name as a person would say it: `invoice line`; in Chinese `发票明细行` where every word is known, else the words. */
export function spoken(name: string, language: 'zh' | 'en'): string {
  const words = wordsOf(name)
  const plain = words.length === 0 ? name : words.join(' ')
  if (language === 'en') return plain
  return chineseOf(words) ?? plain
}

/**
 * Words of a name as one Chinese noun, the longest known phrases first; null where any of them is not known: half a
 * translation is worse than none.
 */
export function chineseOf(words: readonly string[]): string | null {
  let said = ''
  for (let at = 0; at < words.length; ) {
    const [phrase, length] = phraseAt(words, at)
    if (phrase === null) return null
    said += phrase
    at += length
  }
  return said === '' ? null : said
}

function phraseAt(words: readonly string[], at: number): readonly [phrase: string | null, length: number] {
  for (let length = Math.min(PHRASE_WORDS_MAX, words.length - at); length > 0; length--) {
    const phrase = words.slice(at, at + length)
    const known = CHINESE_BY_WORD[phrase.join('_')] ?? CHINESE_BY_WORD[singular(phrase.join('_'), 'en')]
    if (known !== undefined) return [known, length]
  }
  const word = words[at] ?? ''
  return [/^\p{Script=Han}+$/u.test(word) || (at > 0 && /^\d+$/.test(word)) ? word : null, 1]
}

/** A noun in the singular, by the usual rules: `order details` becomes `order detail`. Chinese has no plural. */
export function singular(name: string, language: 'zh' | 'en'): string {
  if (language === 'zh') return name
  if (/[^aeiou]ies$/.test(name)) return name.replace(/ies$/, 'y')
  if (/(ss|x|ch|sh|us)es$/.test(name)) return name.slice(0, -2)
  return /[^su]s$/.test(name) && !/(is|news)$/.test(name) ? name.slice(0, -1) : name
}
