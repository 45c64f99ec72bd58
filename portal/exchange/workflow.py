"""The life of an import and of an export, as words; the tables of moves stand beside them.

An import::

    bring ─> waiting ─ judge ─> judged ─ apply ─> applying ─ finish ─> done
              │    │             │  ^               │
              │  refuse ─> refused  └── send_back ──┘      (the books had changed meanwhile)
              └─ drop, lapse ─> dropped

An export::

    ask_export ─> waiting ─ make_export ─> ready ─ expire_export ─> gone
                     └─ fail_export ─> failed
"""

from flask_babel import lazy_gettext as _l

from portal.core.labels import Labelled
from portal.core.workflow import Move, Workflow
from portal.exchange.policy import May


class ImportState(Labelled):
    """Where an import stands.  Nothing of it is in the books before ``DONE``."""

    WAITING = "waiting", _l("排队中")
    JUDGED = "judged", _l("已核对")
    REFUSED = "refused", _l("读不了")
    APPLYING = "applying", _l("正在导入")
    DONE = "done", _l("已导入")
    DROPPED = "dropped", _l("已放弃")

    @property
    def is_running(self) -> bool:
        """Whether the worker has it in hand: a page about it asks again by itself."""
        return self in (ImportState.WAITING, ImportState.APPLYING)

    @property
    def tone(self) -> str:
        """The tone of its tag."""
        return {"judged": "you", "refused": "overdue", "done": "ok"}.get(self, "")


class ExportState(Labelled):
    """Where an export stands."""

    WAITING = "waiting", _l("排队中")
    READY = "ready", _l("可下载")
    FAILED = "failed", _l("没有做成")
    GONE = "gone", _l("已过期")

    @property
    def tone(self) -> str:
        """The tone of its tag."""
        return {"waiting": "soon", "ready": "ok", "failed": "overdue"}.get(self, "")


class WhyNot(Labelled):
    """Why an export was not made."""

    NO_RIGHT = "no_right", _l("做表时你的身份已经变了，不能再看这些内容。")
    NOT_THERE = "not_there", _l("筛选的市场或单位已经不归你看。")
    TOO_MANY = "too_many", _l("超过 20 万行，请多加一个筛选条件，分几次导出。")
    BROKEN = "broken", _l("系统没有做成，请重新导出一次；还不行就找平台管理员。")


S, E = ImportState, ExportState

# fmt: off
IMPORT = Workflow(
    moves=(
        #    verb         label                     from         to           who
        Move("bring",     _l("交来表格"),             None,        S.WAITING,   May.IMPORT),
        Move("judge",     _l("核对完"),               S.WAITING,   S.JUDGED,    May.RUN_IMPORT),
        Move("refuse",    _l("读不了"),               S.WAITING,   S.REFUSED,   May.RUN_IMPORT),
        Move("apply",     _l("确认导入"),             S.JUDGED,    S.APPLYING,  May.IMPORT),
        Move("finish",    _l("导入完成"),             S.APPLYING,  S.DONE,      May.RUN_IMPORT),
        Move("send_back", _l("资料变了，没有导入"),   S.APPLYING,  S.JUDGED,    May.RUN_IMPORT),
        Move("drop",      _l("放弃导入"),             S.WAITING,   S.DROPPED,   May.IMPORT),
        Move("drop",      _l("放弃导入"),             S.JUDGED,    S.DROPPED,   May.IMPORT),
        Move("drop",      _l("放弃导入"),             S.APPLYING,  S.DROPPED,   May.IMPORT),
        Move("lapse",     _l("放得太久，自动放弃"),   S.WAITING,   S.DROPPED,   May.RUN_IMPORT),
        Move("lapse",     _l("放得太久，自动放弃"),   S.JUDGED,    S.DROPPED,   May.RUN_IMPORT),
    ),
)

EXPORT = Workflow(
    moves=(
        #    verb             label                 from         to           who
        Move("ask_export",    _l("申请导出"),       None,        E.WAITING,   May.EXPORT),
        Move("make_export",   _l("导出做好了"),     E.WAITING,   E.READY,     May.RUN_EXPORT),
        Move("fail_export",   _l("导出没有做成"),   E.WAITING,   E.FAILED,    May.RUN_EXPORT),
        Move("expire_export", _l("导出到期删除"),   E.READY,     E.GONE,      May.RUN_EXPORT),
    ),
)
# fmt: on
