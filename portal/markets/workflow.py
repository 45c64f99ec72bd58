"""The life of a market, of a stall, of a sign and of a correction, in tables.

A market::

    register_market ─> open ─ close_market ─> closed

A stall (a sealed one is opened again before anybody leaves it or moves in)::

    add_stall ─> vacant ─ move_in ─> trading ─ suspend_stall ──> suspended ─┐
                  │  ^                 │  ^  ─ renovate_stall ─> renovating ┤ seal_stall ─> sealed
                  │  └── move_out ─────┤  └───────── resume_stall ──────────┴──────────────┘
                  └─ close_stall ─> closed

A sign::

    make_signs ─> live ─ revoke_sign ─> revoked

A correction a vendor asks for in his own file::

    ask_correction ─> open ─ accept_correction ──> accepted
                       └──── decline_correction ─> declined
"""

from flask_babel import lazy_gettext as _l

from portal.core.labels import Labelled
from portal.core.workflow import Move, Workflow
from portal.markets.policy import May


class MarketState(Labelled):
    """Whether a market trades."""

    OPEN = "open", _l("在营")
    CLOSED = "closed", _l("已关闭")

    @property
    def tone(self) -> str:
        """The tone of its tag."""
        return "ok" if self is MarketState.OPEN else ""


class StallState(Labelled):
    """What a stall is used for now."""

    TRADING = "trading", _l("在营")
    VACANT = "vacant", _l("空置")
    SUSPENDED = "suspended", _l("停业")
    RENOVATING = "renovating", _l("装修")
    SEALED = "sealed", _l("封存")
    CLOSED = "closed", _l("已撤销")

    @property
    def tone(self) -> str:
        """The tone of its tag."""
        return {"trading": "ok", "suspended": "soon", "renovating": "soon", "sealed": "overdue"}.get(self, "")


class SignState(Labelled):
    """Whether a sign opens what it stands for."""

    LIVE = "live", _l("在用")
    REVOKED = "revoked", _l("已作废")


class CorrectionState(Labelled):
    """Where a vendor's correction stands."""

    OPEN = "open", _l("待处理")
    ACCEPTED = "accepted", _l("已更正")
    DECLINED = "declined", _l("未采纳")

    @property
    def tone(self) -> str:
        """The tone of its tag."""
        return {"open": "soon", "accepted": "ok"}.get(self, "")


C, M, S = CorrectionState, MarketState, StallState

# fmt: off
MARKET = Workflow(
    moves=(
        #    verb               label            from             to              who
        Move("register_market", _l("登记市场"),  None,            M.OPEN,         May.REGISTER),
        Move("close_market",    _l("关闭市场"),  M.OPEN,          M.CLOSED,       May.CLOSE),
    ),
)

STALL = Workflow(
    moves=(
        #    verb               label            from             to              who
        Move("add_stall",       _l("新增档口"),  None,            S.VACANT,       May.KEEP_STALLS),
        Move("move_in",         _l("商户进场"),  S.VACANT,        S.TRADING,      May.KEEP_VENDORS),
        Move("move_out",        _l("商户离场"),  S.TRADING,       S.VACANT,       May.KEEP_VENDORS),
        Move("move_out",        _l("商户离场"),  S.SUSPENDED,     S.VACANT,       May.KEEP_VENDORS),
        Move("move_out",        _l("商户离场"),  S.RENOVATING,    S.VACANT,       May.KEEP_VENDORS),
        Move("suspend_stall",   _l("停业"),      S.TRADING,       S.SUSPENDED,    May.KEEP_STALLS),
        Move("renovate_stall",  _l("装修"),      S.TRADING,       S.RENOVATING,   May.KEEP_STALLS),
        Move("seal_stall",      _l("封存"),      S.TRADING,       S.SEALED,       May.KEEP_STALLS),
        Move("seal_stall",      _l("封存"),      S.SUSPENDED,     S.SEALED,       May.KEEP_STALLS),
        Move("seal_stall",      _l("封存"),      S.RENOVATING,    S.SEALED,       May.KEEP_STALLS),
        Move("resume_stall",    _l("恢复营业"),  S.SUSPENDED,     S.TRADING,      May.KEEP_STALLS),
        Move("resume_stall",    _l("恢复营业"),  S.RENOVATING,    S.TRADING,      May.KEEP_STALLS),
        Move("resume_stall",    _l("恢复营业"),  S.SEALED,        S.TRADING,      May.KEEP_STALLS),
        Move("close_stall",     _l("撤销档口"),  S.VACANT,        S.CLOSED,       May.KEEP_STALLS),
    ),
)

CORRECTION = Workflow(
    moves=(
        #    verb                 label              from           to             who
        Move("ask_correction",    _l("申请更正"),    None,          C.OPEN,        May.ASK_CORRECTION),
        Move("accept_correction", _l("采纳并更正"),  C.OPEN,        C.ACCEPTED,    May.DECIDE_CORRECTION),
        Move("decline_correction", _l("不采纳"),     C.OPEN,        C.DECLINED,    May.DECIDE_CORRECTION),
    ),
)

SIGN = Workflow(
    moves=(
        #    verb               label            from             to                   who
        Move("make_signs",      _l("做标识码"),  None,            SignState.LIVE,      May.KEEP_SIGNS),
        Move("revoke_sign",     _l("作废"),      SignState.LIVE,  SignState.REVOKED,   May.KEEP_SIGNS),
    ),
    deeds={"print_signs": _l("打印标识码"), "replace_sign": _l("换新码")},
)
# fmt: on
