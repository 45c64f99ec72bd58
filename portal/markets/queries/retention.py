"""What is kept how long, in one table, and what of it has come due."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import clock, db
from portal.markets.models import Market, Paper, Vendor, Worker
from portal.markets.queries.papers import HEALTH_CERTIFICATE

ERASED = "已清除"
"""What stands where a name was."""
LOOKS_AHEAD = timedelta(days=90)


@dataclass(frozen=True)
class Rule:
    """What is erased so many months after a day of its row; ``wanted`` are the rows that still hold it.

    ``months`` None: nothing is swept by this rule, which only says what is so.
    """

    code: str
    what: Any
    keeps: Any
    basis: Any
    months: int | None = None
    day: Any = None
    wanted: Callable[[], tuple[sa.ColumnElement[bool], ...]] = tuple

    def cutoff(self, today: date) -> date:
        """What ended before this day has been kept its full months."""
        return clock.add_months(today, -(self.months or 0))

    def due_on(self, day: date) -> date:
        """The night after which a row of this day holds nothing any more."""
        return clock.add_months(day, self.months or 0) + timedelta(days=1)

    def rows(self, market: Market) -> tuple[sa.ColumnElement[bool], ...]:
        """The rows of a market this rule speaks of."""
        model = self.day.class_
        return (model.market_id == market.id, self.day.is_not(None), *self.wanted())


VENDOR_FILES = Rule(
    "vendor_files",
    _l("停止经营的商户档案：姓名、电话、身份证号、从业人员、证照编号和照片、更正申请"),
    _l("停止经营后 6 个月"),
    _l("食用农产品市场销售质量安全监督管理办法：档案在停止销售后至少保存 6 个月；个人信息保护法第 47 条"),
    6,
    Vendor.ended_on,
    lambda: (Vendor.erased_on.is_(None),),
)
CERTIFICATES = Rule(
    "certificates",
    _l("健康证：姓名、编号和照片"),
    _l("到期后 6 个月"),
    _l("个人信息保护法第 19 条；期限由门户设定"),
    6,
    Paper.expires_on,
    lambda: (Paper.kind_code == HEALTH_CERTIFICATE, Paper.holder_name != ERASED),
)
WORKERS = Rule(
    "workers",
    _l("离开的从业人员：姓名、健康证"),
    _l("离开后 6 个月"),
    _l("个人信息保护法第 19 条；期限由门户设定"),
    6,
    Worker.to_on,
    lambda: (Worker.name != ERASED,),
)
SWEPT = (VENDOR_FILES, CERTIFICATES, WORKERS)
STANDING = (
    Rule(
        "identity",
        _l("身份证号"),
        _l("登记了统一社会信用代码就当时删除；没有的随档案清除"),
        _l("个人信息保护法第 6 条"),
    ),
    Rule("workbooks", _l("导入的表格"), _l("导入完成就删，没有完成的 30 天后删"), _l("期限由门户设定")),
    Rule("photos", _l("照片和文件"), _l("和所属的证照一样"), _l("期限由门户设定")),
    Rule(
        "journal",
        _l("变更记录和查看记录"),
        _l("至少 12 个月，不在这里清除"),
        _l("网络安全法第 21 条：日志至少 6 个月"),
    ),
)


@dataclass(frozen=True)
class Due:
    """How many rows of a rule are erased tonight, how many within ninety days, and the first such night."""

    rule: Rule
    now: int
    soon: int
    first_on: date | None


def due_in(market: Market) -> list[Due]:
    """What has come due in a market, rule by rule."""
    return [_due(rule, market) for rule in SWEPT]


def _due(rule: Rule, market: Market) -> Due:
    today = clock.today()
    cutoff, soon = rule.cutoff(today), rule.cutoff(today + LOOKS_AHEAD)
    is_now, is_soon = rule.day < cutoff, sa.and_(rule.day >= cutoff, rule.day < soon)
    figures = (_number(is_now), _number(is_soon), sa.func.min(rule.day))
    now, later, first = db.session.execute(sa.select(*figures).where(*rule.rows(market))).one()
    return Due(rule, now or 0, later or 0, max(rule.due_on(first), today) if first else None)


def _number(condition: sa.ColumnElement[bool]) -> Any:
    return sa.func.sum(sa.case((condition, 1), else_=0))


def ending_files(market: Market, most: int = 20) -> Sequence[Vendor]:
    """The files that are erased next."""
    query = sa.select(Vendor).where(*VENDOR_FILES.rows(market))
    return list(db.session.scalars(query.order_by(Vendor.ended_on, Vendor.id).limit(most)))


def rows_due(rule: Rule, market: Market, most: int) -> Sequence[Any]:
    """Up to so many rows of a rule whose time is over, the oldest first."""
    model = rule.day.class_
    query = sa.select(model).where(*rule.rows(market), rule.day < rule.cutoff(clock.today()))
    return list(db.session.scalars(query.order_by(rule.day, model.id).limit(most)))


def every_market() -> list[tuple[int, int]]:
    """The id of every market within reach, closed ones too, with its company's."""
    query = sa.select(Market.id, Market.company_id).order_by(Market.id)
    return [(market, company) for market, company in db.session.execute(query).all()]
