// What common words in names of columns and tables mean. Whole names first, then word by word.
const CHINESE_BY_WORD: Readonly<Record<string, string>> = Object.fromEntries(
  `first_name=名 last_name=姓 full_name=姓名 user_name=用户名 username=用户名 last_update=最后更新时间 created_at=创建时间
  updated_at=更新时间 deleted_at=删除时间 create_date=创建日期 birth_date=出生日期 hire_date=入职日期 zip_code=邮政编码
  postal_code=邮政编码 unit_price=单价 reports_to=上级 phone_number=电话号码 release_year=发行年份 company_name=公司名称
  contact_name=联系人姓名 contact_title=联系人职务 order_date=下单日期 required_date=要求到货日期 shipped_date=发货日期
  id=编号 code=代码 name=名称 title=标题 description=描述 comment=备注 note=备注 notes=备注 type=类型 kind=种类 status=状态
  category=类别 categories=类别 email=电子邮箱 phone=电话 fax=传真 mobile=手机 address=地址 district=区县 city=城市
  province=省份 region=地区 country=国家 street=街道 price=价格 cost=成本 amount=金额 total=合计 subtotal=小计 tax=税额
  discount=折扣 quantity=数量 qty=数量 count=数量 number=号码 rate=费率 balance=余额 currency=币种 date=日期 time=时间
  year=年份 month=月份 day=日 week=周 start=开始 end=结束 created=创建 updated=更新 deleted=删除 active=是否有效
  enabled=是否启用 password=密码 picture=图片 photo=照片 image=图片 url=网址 path=路径 language=语言 length=时长 size=大小
  width=宽度 height=高度 weight=重量 duration=时长 rating=评级 score=分数 level=级别 rank=排名 order=订单 orders=订单
  customer=客户 customers=客户 user=用户 users=用户 employee=员工 employees=员工 staff=员工 manager=经理 supplier=供应商
  suppliers=供应商 product=产品 products=产品 item=条目 items=条目 store=门店 shop=店铺 company=公司 department=部门
  payment=付款 invoice=发票 rental=租赁 return=归还 inventory=库存 stock=库存 film=影片 movie=电影 actor=演员 artist=艺术家
  album=专辑 track=曲目 genre=流派 playlist=播放列表 composer=作曲者 birth=出生 hire=入职 shipper=承运商 shippers=承运商
  ship=发货 shipped=发货 billing=账单 contact=联系人 birthday=生日 age=年龄 sex=性别 gender=性别 version=版本 source=来源
  replacement=重置 original=原始 special=特殊 features=特性 release=发行 details=明细 detail=明细 line=明细行 media=媒体
  territory=销售区域 territories=销售区域 update=更新 last=最后 unit=单位 units=单位 max=最大 min=最小 average=平均 avg=平均`
    .split(/\s+/)
    .map((entry) => entry.split('=')),
)

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
  const whole = CHINESE_BY_WORD[words.join('_')]
  if (whole !== undefined) return whole
  const parts = words.map((word) => CHINESE_BY_WORD[word] ?? (/^\p{Script=Han}+$/u.test(word) ? word : undefined))
  return parts.length > 0 && parts.every((part) => part !== undefined) ? parts.join('') : plain
}

/** A noun in the singular, by the usual rules: `order details` becomes `order detail`. Chinese has no plural. */
export function singular(name: string, language: 'zh' | 'en'): string {
  if (language === 'zh') return name
  if (/[^aeiou]ies$/.test(name)) return name.replace(/ies$/, 'y')
  if (/(ss|x|ch|sh|us)es$/.test(name)) return name.slice(0, -2)
  return /[^su]s$/.test(name) && !/(is|news)$/.test(name) ? name.slice(0, -1) : name
}
