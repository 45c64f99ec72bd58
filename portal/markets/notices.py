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

CORRECTION_ASKED = "markets.correction_asked"
CORRECTION_DECIDED = "markets.correction_decided"

texts.register(
    CORRECTION_ASKED,
    title=_l("%(vendor)s 申请更正档案里的“%(field)s”"),
    body=_l("请核对以后采纳，或者写明为什么不采纳。"),
    digest=_l("有 %(n)s 条更正申请"),
)
texts.register(
    CORRECTION_DECIDED,
    title=_l("你申请更正的“%(field)s”：%(state)s"),
    body=_l("点开看市场的答复。"),
)

POSTS_TAKEN_OVER = "markets.posts_taken_over"
texts.register(
    POSTS_TAKEN_OVER,
    title=_l("%(name)s 离开了，他的 %(number)s 个岗位交给你"),
    body=_l("从今天起由你担任，相关记录由你签。"),
)
