"""Which texts read like headings: general word lists of Chinese office tables, and of no pack.

Reads from: nothing of ours.  Read by: ``body``, ``extent``, ``forms``, ``heads``, ``shape``, ``sideways``.
"""

from __future__ import annotations

import re

__all__ = ["is_item", "names_something", "normal"]

#: What a heading ends with, whatever the table is about; no word that also ends what is entered in rows.
_ENDINGS = """
名 名称 姓名 全称 简称 别名 编号 序号 代码 号码 证号 文号 账号 型号 货号 单号 区号 楼号 房号 类别
类型 种类 分类 性质 方式 形式 日期 时间 时点 年份 年月 年度 年代 期间 期限 年限 时长 寿命 周期 账龄
金额 余额 总额 发生额 数额 数 数量 总数 人数 次数 户数 套数 层数 面积 体积 容积 单价 价格 售价 造价
比例 比重 占比 比率 率 系数 增减 依据 原因 理由 内容 说明 备注 情况 概况 描述 状态 状况 地址 地点
位置 住所 所在地 经营地 注册地 电话 手机 邮编 邮箱 单位 部门 来源 用途 意见 结果 结论 方法 措施 项目
事项 科目 指标 参数 规格 尺寸 长度 宽度 高度 厚度 深度 直径 重量 容量 功率 电压 电流 频率 温度 压力
流量 速度 材质 颜色 性别 民族 国籍 籍贯 学历 学位 职务 职称 岗位 专业 年龄 关系 等级 级别 标准 范围
行业 领域 厂家 厂商 机构 资本 期初 期末 年初 年末 本期 上期 本年 上年 去年 同期 起始 终止 品牌 产地
特点 优势 功能 标题 主题 版本 时限 进度 户型 是否 是或否 语言 学科 成果 目的
"""

#: What is a heading only if nothing stands before it: 阳光小区 is an entry, 小区 is a heading.
_WHOLE = """
小区 街道 社区 区县 乡镇 村 县 市 区 省 楼栋 楼幢 幢号 幢 栋 单元 房间 房屋 楼层 业主 开发商
建设单位 负责人 法定代表人 联系人 经办人 承办人 申请人 制表人 客户 供应商 产品 品名 困难 问题 建议
文件 证书 批复 附注 索引 金额 日期 月 日 年 类 质量 股东 公司 关联方 债务人 身高 体重 出生 属相 血型
备考 附件 签字 签名 印章
"""

_BRACKETS = re.compile(r"[(（\[【][^()（）\[\]【】]{0,30}[)）\]】]")
_ENDS = re.compile("(" + "|".join(sorted(_ENDINGS.split(), key=len, reverse=True)) + ")[%％:：*＊]?$")
_BEGINS = re.compile(
    r"^(期末|期初|年末|年初|本期|上期|本年|上年|去年|本报告期|上年同期|上年年末)"
    r".{0,6}(余额|金额|数|额|值|价值|成本|增加|减少)"
)
_WITH_UNIT = re.compile(
    r"[(（\[【]\s*(单位\s*[:：]\s*)?(万?元(/股)?|万|%|％|㎡|m2|亩|户|套|股|℃|kg|mm|kW|kV|V|A)\s*[)）\]】]$"
)
#: How items of a list begin, such as 一、, 1., (2), 其中：, 减： — entries, whatever they end with.
_ITEM = re.compile(
    r"^([(（]?[一二三四五六七八九十\d]{1,2}[)）]?[、.．)）]\s*\D|[(（][一二三四五六七八九十\d]{1,2}[)）]|其中[:：]?|[加减][:：]|[—－-]{1,2}\S)"
)
_LONGEST_NAME = 20  # characters of a heading, what stands in brackets left out
_ALONE = frozenset(_WHOLE.split())


def normal(text: str) -> str:
    """Without the spaces that spread a heading (合  计)."""
    return "".join(text.split())


def names_something(text: str) -> bool:
    """Whether a text reads like a heading: 建筑面积（㎡）, 期末余额, 发证日期."""
    short = normal(text)
    if not short or len(short) > 2 * _LONGEST_NAME or is_item(text):
        return False
    bare = _BRACKETS.sub("", short) or short
    if bare.rstrip(":：*＊") in _ALONE:
        return True
    named = "是否" in bare or _ENDS.search(bare) or _WITH_UNIT.search(short) or _BEGINS.match(bare)
    return bool(named) and len(bare) <= _LONGEST_NAME


def is_item(text: str) -> bool:
    """Whether a text opens like an entry of a list: 一、, 1., 其中：, 减：."""
    return bool(_ITEM.match(normal(text)))
