"""The lives of a check, a checklist and a record, each in one table.

A check::

    due ─ start ─> open ─ submit ─> submitted ─ accept/note ─> accepted
     │              │                 ^    │
     │              │                 │    └─ send_back ─> sent_back ─ submit ─┐
     ├─ excuse ─> excused <─ excuse ──┤                                       │
     │              │                 └────────────────────────────────────────┘
     └─ miss ──> missed <─ miss ──────
                    └─ backfill ─> open (marked 补录)

    excused ─ restore ─> due (the plan or the calendar changed back)

Late is no state: it is the due time and now.
"""

from flask_babel import lazy_gettext as _l

from portal.core.labels import Labelled
from portal.core.workflow import Move, Workflow
from portal.selfcheck.policy import May


class CheckState(Labelled):
    """Where a check stands."""

    DUE = "due", _l("未开始")
    OPEN = "open", _l("正在查")
    SUBMITTED = "submitted", _l("已提交，等社区看")
    SENT_BACK = "sent_back", _l("退回补查")
    ACCEPTED = "accepted", _l("社区已确认")
    MISSED = "missed", _l("未查")
    EXCUSED = "excused", _l("免查")


class ListState(Labelled):
    """Where a version of a checklist stands."""

    DRAFT = "draft", _l("草稿")
    PUBLISHED = "published", _l("已发布")
    WITHDRAWN = "withdrawn", _l("已撤回")


class RecordState(Labelled):
    """Where a record of the day, week or month stands."""

    FORMING = "forming", _l("汇集中")
    SIGNED = "signed", _l("已签认")


# fmt: off
CHECK = Workflow(
    moves=(
        #    verb         label              from                  to                    who
        Move("start",     _l("开始"),        CheckState.DUE,       CheckState.OPEN,      May.WALK),
        Move("submit",    _l("提交"),        CheckState.OPEN,      CheckState.SUBMITTED, May.WALK),
        Move("submit",    _l("补查后再交"),  CheckState.SENT_BACK, CheckState.SUBMITTED, May.WALK),
        Move("accept",    _l("确认"),        CheckState.SUBMITTED, CheckState.ACCEPTED,  May.REVIEW),
        Move("note",      _l("知悉"),        CheckState.SUBMITTED, CheckState.ACCEPTED,  May.REVIEW),
        Move("send_back", _l("退回补查"),    CheckState.SUBMITTED, CheckState.SENT_BACK, May.REVIEW),
        Move("miss",      _l("记为未查"),    CheckState.DUE,       CheckState.MISSED,    May.RECORD),
        Move("miss",      _l("记为未查"),    CheckState.OPEN,      CheckState.MISSED,    May.RECORD),
        Move("backfill",  _l("补录"),        CheckState.MISSED,    CheckState.OPEN,      May.BACKFILL),
        Move("excuse",    _l("免查"),        CheckState.DUE,       CheckState.EXCUSED,   May.EXCUSE),
        Move("excuse",    _l("免查"),        CheckState.OPEN,      CheckState.EXCUSED,   May.EXCUSE),
        Move("restore",   _l("恢复要查"),    CheckState.EXCUSED,   CheckState.DUE,       May.RECORD),
    ),
    deeds={"start_event": _l("遇事开查"), "hand_over": _l("交给接手的人")},
)

CHECKLIST = Workflow(
    moves=(
        Move("load",      _l("载入"),        ListState.DRAFT,      ListState.PUBLISHED,  May.LOAD_LISTS),
        Move("publish",   _l("发布"),        ListState.DRAFT,      ListState.PUBLISHED,  May.PUBLISH_LIST),
        Move("withdraw",  _l("撤回草稿"),    ListState.DRAFT,      ListState.WITHDRAWN,  May.DRAFT_LIST),
    ),
)

RECORD = Workflow(
    moves=(
        Move("sign",      _l("签认"),        RecordState.FORMING,  RecordState.SIGNED,   May.SIGN),
    ),
)
# fmt: on
