"""What people are told about papers that run out (one digest a person and day) and about who runs a market."""

from flask_babel import lazy_gettext as _l

from portal.notices import texts

DUE = "markets.papers_due"
EXPIRED = "markets.papers_expired"
LONG_EXPIRED = "markets.papers_long_expired"

DIGEST = "markets.papers"

texts.register(
    DUE,
    title=_l("%(market)s：%(number)s 份证照快到期，最早 %(day)s"),
    body=_l("请提醒持证人按时办理，换好新证来登记。"),
    digest=_l("证照到期提醒，共 %(n)s 条"),
)
texts.register(
    EXPIRED,
    title=_l("%(market)s：%(number)s 份证照已过期，最早 %(day)s"),
    body=_l("请先问清是否还在用，再登记新证。"),
    digest=_l("证照到期提醒，共 %(n)s 条"),
)
texts.register(
    LONG_EXPIRED,
    title=_l("%(market)s：%(number)s 份证照过期超过一周，最早 %(day)s"),
    body=_l("市场还没有登记新证。"),
    digest=_l("证照到期提醒，共 %(n)s 条"),
)

OPERATOR_CHANGED = "markets.operator_changed"
texts.register(
    OPERATOR_CHANGED,
    title=_l("%(market)s 改由%(after)s管理"),
    body=_l("原来的管理公司是%(before)s。市场的资料和记录都转过去了。"),
)
