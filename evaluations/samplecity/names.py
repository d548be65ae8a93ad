"""Invented names. None is meant to be a real enterprise's or neighbourhood's."""

from collections import Counter
from collections.abc import Iterator
from random import Random

# Two-character stems; an enterprise's name takes one of each list, so that hardly any real name can come out.
_FIRST = (
    "锦樾 云栖 澜庭 和润 清渠 明禾 嘉树 望川 听澜 栖霞 朗溪 映湖 沐风 青屿 泊岸 书香 弘毅 瑞泽 景行 怀谷 "
    "丹枫 翠微 凌波 松筠 蕙兰 晴川 砚池 鹿鸣 雅颂 知春 安澜 揽月 麓语 棠棣 梧桐 银杏 紫藤 金穗 碧水 长风"
).split()
_SECOND = (
    "安和 恒信 众诚 家和 佳邻 邻里 宜居 康宁 永续 同舟 致远 守望 暖心 聚力 新程 优盛 仁里 万象 春晖 嘉禾 "
    "德邻 启明 厚朴 润物 勤和 正阳 广济 惠泽 平川 远岫 静好 初心 乐业 安居 共美 通达 慧居 尚善 益民 百川"
).split()
_ESTATE_ENDS = {
    "professional": "花园 苑 家园 雅居 华庭 名邸 新城 公馆 佳园 里".split(),
    "old": "小区 新村 大院 宿舍 里 巷小区 一村 片区".split(),
    "non_residential": "大厦 广场 产业园 商务中心 写字楼 市场 科技园".split(),
}
_HOME_TOWNS = "长沙 南昌 合肥 郑州 成都 重庆 西安 杭州 南京 广州 深圳 上海 北京 济南 福州".split()
_ORDINALS = "一二三四五六七八九"


def enterprise_brands(rng: Random) -> Iterator[str]:
    """Four-character brands, each once."""
    brands = [first + second for first in _FIRST for second in _SECOND]
    brands += [second + first for first in _FIRST for second in _SECOND]
    rng.shuffle(brands)
    return iter(brands)


def local_enterprise(brand: str) -> str:
    return f"武汉{brand}物业服务有限公司"


def out_of_town_enterprise(brand: str, rng: Random) -> str:
    return f"{rng.choice(_HOME_TOWNS)}{brand}物业服务有限公司武汉分公司"


def public_benefit_enterprise(district: str, brand: str) -> str:
    return f"{district}{brand}公益物业服务有限公司"


class EstateNames:
    """Names of neighbourhoods. A name that comes again in the same street is numbered: 锦樾花园, 锦樾花园二期."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._given: Counter[tuple[str, str]] = Counter()

    def give(self, street_code: str, kind: str) -> str:
        name = self._rng.choice(_FIRST + _SECOND) + self._rng.choice(_ESTATE_ENDS[kind])
        self._given[street_code, name] += 1
        count = self._given[street_code, name]
        if count == 1:
            return name
        number = _ORDINALS[count - 1] if count <= len(_ORDINALS) else str(count)
        return f"{name}{number}{'期' if kind == 'professional' else '号院' if kind == 'old' else '号楼'}"


_SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文辉力春燕晓东海波宁志新云飞凤洁梅琳素玲荣爱君慧巧美雅芝萍莹雪琪荣欣怡佳嘉琼勤珍贞莉斌博诚宏凯峰浩宇轩泽瑞晨阳帆航鑫鹏翔俊"


def person(rng: Random) -> str:
    """A person's name: one sign of the family, one or two given ones."""
    given = rng.choice(_GIVEN) if rng.random() < 0.2 else rng.choice(_GIVEN) + rng.choice(_GIVEN)
    return rng.choice(_SURNAMES) + given


def phone(block: int, number: int) -> str:
    """A mobile number that nobody has: none begins with 100. ``block`` (0 to 99) is the register's, ``number`` the person's."""
    return f"100{block:02d}{number:06d}"
