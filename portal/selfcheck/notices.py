"""What people are told of the self-check, and in which words."""

from flask_babel import lazy_gettext as _l

from portal.core.labels import Labelled
from portal.notices import texts

SENT_BACK = "selfcheck.sent_back"
FOUND = "selfcheck.found"
TO_REVIEW = "selfcheck.to_review"
SUSPECTED_MAJOR = "selfcheck.suspected_major"
DUE_SOON = "selfcheck.due_soon"
MISSED = "selfcheck.missed"
TO_SIGN = "selfcheck.to_sign"
LET_OFF = "selfcheck.let_off"


class LetOff(Labelled):
    """What a market may decide by itself not to check, which the community hears of."""

    CHECK = "check", _l("一次检查免查")
    ITEM = "item", _l("一项检查设为不适用")
    DAYS = "days", _l("休市停查")


texts.register(
    SENT_BACK,
    title=_l("%(market)s的%(slot)s退回补查"),
    body=_l("%(who)s：%(reason)s。请在 %(until)s 前补查。"),
    digest=_l("有 %(n)s 次检查退回补查"),
)
texts.register(
    FOUND,
    title=_l("%(market)s的%(slot)s查出 %(number)s 项有问题"),
    body=_l("%(who)s 于 %(at)s 提交，社区同时收到。"),
    digest=_l("有 %(n)s 次检查查出问题"),
)
texts.register(
    TO_REVIEW,
    title=_l("%(market)s的%(slot)s等你看"),
    body=_l("%(number)s 项有问题，请在 %(until)s 前看。"),
    digest=_l("有 %(n)s 次自检等你看"),
)
texts.register(
    SUSPECTED_MAJOR,
    title=_l("%(market)s报来疑似重大隐患"),
    body=_l("%(item)s。是不是重大由主管部门定，请马上联系现场。"),
    digest=_l("有 %(n)s 处疑似重大隐患"),
)
texts.register(
    DUE_SOON,
    title=_l("%(market)s的%(slot)s快到时间了"),
    body=_l("还没提交，请在 %(due)s 前交。"),
    digest=_l("有 %(n)s 次检查快到时间了"),
)
texts.register(
    MISSED,
    title=_l("%(market)s %(day)s的%(slot)s没有做"),
    body=_l("%(until)s 前可以补录，要写原因。"),
    digest=_l("有 %(n)s 次检查没有做"),
)
texts.register(
    TO_SIGN,
    title=_l("%(market)s %(day)s的%(kind)s等你签认"),
    body=_l("查出 %(number)s 个问题，签认时写上处理措施。"),
    digest=_l("有 %(n)s 份记录等你签认"),
)
texts.register(
    LET_OFF,
    title=_l("%(market)s：%(what)s"),
    body=_l("%(who)s：%(reason)s"),
    digest=_l("市场有 %(n)s 处免查、休市或不适用"),
)
