"""Who and what the demonstration is about: tables of invented organisations, people and markets.

Every name bears the character 样 (sample), no credit code belongs to anybody, and the telephone numbers lie in a
pattern that is not given out.
"""

from dataclasses import dataclass
from datetime import time

from stdnum.cn import uscc

from portal.core.actor import Role
from portal.markets.models import MarketKind, PostKind
from portal.territory.models import Kind

PASSWORD = "yangban-2026-shichang"
PIN = "258025"
CITY = "441900"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
HUMEN, CHANGAN, HOUJIE = "441900121", "441900119", "441900122"


@dataclass(frozen=True)
class Body:
    """An organisation: who registers it, where it stands."""

    key: str
    kind: Kind
    name: str
    short_name: str
    area: str
    by: str
    functions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """A person in an organisation, let in by somebody."""

    username: str
    name: str
    role: Role
    body: str
    by: str
    posts: tuple[PostKind, ...] = ()


@dataclass(frozen=True)
class Quarter:
    """A zone and how many stalls it has, and what is sold there."""

    code: str
    name: str
    stalls: int
    trade: str


@dataclass(frozen=True)
class Place:
    """A market: its company, its hours, its zones, and what does not apply in it."""

    company: str
    name: str
    kind: MarketKind
    address: str
    opens_at: time
    closes_at: time
    quarters: tuple[Quarter, ...]
    not_applicable: tuple[tuple[str, str], ...]
    community: str
    phrase: str

    @property
    def stalls(self) -> int:
        return sum(one.stalls for one in self.quarters)


BODIES = (
    Body("city", Kind.CITY, "样板市市场监管统筹办公室", "市监管办", CITY, "platform"),
    Body("humen", Kind.TOWN, "虎门镇指挥调度中心（样例）", "虎门镇中心", HUMEN, "city"),
    Body("changan", Kind.TOWN, "长安镇指挥调度中心（样例）", "长安镇中心", CHANGAN, "city"),
    Body("houjie", Kind.TOWN, "厚街镇指挥调度中心（样例）", "厚街镇中心", HOUJIE, "city"),
    Body(
        "humen_market",
        Kind.DEPARTMENT,
        "虎门市场监管分局（样例）",
        "虎门市监",
        HUMEN,
        "city",
        ("market_supervision",),
    ),
    Body("changan_fire", Kind.DEPARTMENT, "长安消防救援所（样例）", "长安消防", CHANGAN, "city", ("fire",)),
    Body("city_fire", Kind.DEPARTMENT, "市消防救援支队（样例）", "市消防", CITY, "city", ("fire",)),
    Body("dongfang", Kind.COMMUNITY, "东方社区工作站（样例）", "东方社区", "441900121004", "zhen_humen"),
    Body("zexu", Kind.COMMUNITY, "则徐社区工作站（样例）", "则徐社区", "441900121005", "zhen_humen"),
    Body("changsheng", Kind.COMMUNITY, "长盛社区工作站（样例）", "长盛社区", "441900119002", "zhen_changan"),
    Body("zhuxi", Kind.COMMUNITY, "竹溪社区工作站（样例）", "竹溪社区", "441900122002", "zhen_houjie"),
    Body("qinghe", Kind.COMPANY, "青荷样例市场管理有限公司", "青荷公司", "441900121004", "zhen_humen"),
    Body("liuyang", Kind.COMPANY, "柳样服装市场管理有限公司", "柳样公司", "441900121005", "zhen_humen"),
    Body("shiyang", Kind.COMPANY, "石样建材市场管理有限公司", "石样公司", "441900119002", "zhen_changan"),
    Body("yunyang", Kind.COMPANY, "云样茶叶食品市场管理有限公司", "云样公司", "441900122002", "zhen_houjie"),
)

HEADS = (PostKind.HEAD, PostKind.SAFETY_MANAGER, PostKind.FOOD_SAFETY_DIRECTOR)
WALKS = (PostKind.PATROLLER, PostKind.FOOD_SAFETY_OFFICER)


def _company(body: str, stem: str, surname: str) -> tuple[Part, ...]:
    manager = f"{stem}_fuze"
    return (
        Part(manager, f"{surname}样安", Role.MARKET_MANAGER, body, _registrar(body), HEADS),
        Part(f"{stem}_xuncha", f"{surname}样禾", Role.PATROLLER, body, manager, WALKS),
        Part(f"{stem}_dingban", f"{surname}样替", Role.PATROLLER, body, manager, (PostKind.PATROLLER,)),
        Part(f"{stem}_fuwu", f"{surname}样帮", Role.SERVICE_CLERK, body, manager, (PostKind.SERVICE_CLERK,)),
    )


def _community(body: str, stem: str, surname: str, town: str) -> tuple[Part, ...]:
    return (
        Part(f"{stem}_diaodu", f"{surname}样度", Role.COMMUNITY_DISPATCHER, body, town),
        Part(f"{stem}_wangge", f"{surname}样文", Role.GRID_OFFICER, body, f"{stem}_diaodu"),
    )


def _registrar(body: str) -> str:
    return next(one.by for one in BODIES if one.key == body)


PARTS = (
    Part("shi_ban", "史样办", Role.CITY_OFFICER, "city", "platform"),
    Part("shi_shen", "史样审", Role.CITY_OFFICER, "city", "platform"),
    Part("shenji", "沈样计", Role.AUDITOR, "city", "platform"),
    Part("zhen_humen", "甄样虎", Role.TOWN_DISPATCHER, "humen", "shi_ban"),
    Part("zhen_changan", "甄样长", Role.TOWN_DISPATCHER, "changan", "shi_ban"),
    Part("zhen_houjie", "甄样厚", Role.TOWN_DISPATCHER, "houjie", "shi_ban"),
    Part("shijian_humen", "肖样监", Role.DEPARTMENT_OFFICER, "humen_market", "zhen_humen"),
    Part("xiaofang_changan", "肖样消", Role.DEPARTMENT_OFFICER, "changan_fire", "zhen_changan"),
    Part("xiaofang_shi", "肖样市", Role.DEPARTMENT_OFFICER, "city_fire", "shi_ban"),
    *_community("dongfang", "dongfang", "古", "zhen_humen"),
    *_community("zexu", "zexu", "区", "zhen_humen"),
    *_community("changsheng", "changsheng", "邝", "zhen_changan"),
    *_community("zhuxi", "zhuxi", "麦", "zhen_houjie"),
    *_company("qinghe", "qinghe", "麦"),
    *_company("liuyang", "liuyang", "柳"),
    *_company("shiyang", "shiyang", "石"),
    *_company("yunyang", "yunyang", "云"),
)

PLACES = (
    Place(
        "qinghe", "青荷肉菜市场", MarketKind.WET, "东方社区样板路 8 号负一层", time(6), time(19, 30),
        (Quarter("A", "猪肉区", 20, "farm_products"), Quarter("B", "水产区", 25, "farm_products"),
         Quarter("C", "蔬菜区", 40, "farm_products"), Quarter("D", "熟食区", 15, "food_catering"),
         Quarter("E", "干货区", 20, "prepackaged_food")),
        (("C-07", "单层开敞市场，没有自动报警和喷淋系统"), ("WM-03", "本市场不卖牛羊禽肉"),
         ("WM-09", "本市场不卖活禽"), ("WM-10", "本市场不卖活禽"), ("WM-11", "本市场不卖活禽")),
        "dongfang", "档口样",
    ),
    Place(
        "liuyang", "柳样服装批发市场", MarketKind.CLOTHING, "则徐社区样衣街 66 号", time(9), time(19),
        (Quarter("A", "一楼女装", 80, "general_goods"), Quarter("B", "二楼男装", 70, "general_goods"),
         Quarter("C", "三楼童装", 60, "general_goods"), Quarter("D", "面辅料", 50, "general_goods")),
        (("CL-08", "本市场没有神龛"),), "zexu", "服饰样",
    ),
    Place(
        "shiyang", "石样建材五金市场", MarketKind.BUILDING, "长盛社区样石路 12 号", time(8), time(18),
        (Quarter("A", "板材区", 25, "general_goods"), Quarter("B", "五金区", 35, "general_goods"),
         Quarter("C", "油漆区", 15, "hazchem"), Quarter("D", "玻璃石材区", 15, "general_goods")),
        (("BM-10", "本市场没有起重机具"),), "changsheng", "建材样",
    ),
    Place(
        "yunyang", "云样茶叶食品批发市场", MarketKind.FOOD, "竹溪社区样茶大道 3 号", time(2), time(10),
        (Quarter("A", "茶叶区", 50, "prepackaged_food"), Quarter("B", "冻品区", 30, "food_catering"),
         Quarter("C", "干货区", 40, "prepackaged_food"), Quarter("D", "冷库区", 20, "cold_storage")),
        (("TF-14", "本市场不炒茶、不烘焙"),), "zhuxi", "食品样",
    ),
)  # fmt: skip


def credit_code(serial: int, *, is_company: bool) -> str:
    """A credit code valid in its check sign: 91 for companies, 92 for individual businesses (GB 32100-2015)."""
    body = f"{'91' if is_company else '92'}441900MA9Y{serial:05d}"
    return body + uscc.calc_check_digit(body)


def identity(serial: int) -> str:
    """An identity number valid in its check sign, of somebody born on the first day of 1900 (GB 11643)."""
    body = f"44190019000101{serial % 1000:03d}"
    return (
        body
        + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]
    )


def phone(serial: int) -> str:
    """A number of the right shape in a block that is not given out."""
    return f"1990000{serial:04d}"
