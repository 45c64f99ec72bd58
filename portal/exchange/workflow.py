"""The life of an import and of an export, as words; the tables of moves stand beside them.

An import::

    bring ─> waiting ─ judge ─> judged ─ apply ─> applying ─ finish ─> done
              │    │             │  ^               │
              │  refuse ─> refused  └── send_back ──┘      (the books had changed meanwhile)
              └─ drop, lapse ─> dropped
"""

from flask_babel import lazy_gettext as _l

from portal.core.labels import Labelled
from portal.core.workflow import Move, Workflow
from portal.exchange.policy import May


class ImportState(Labelled):
    """Where an import stands.  Nothing of it is in the books before ``DONE``."""

    WAITING = "waiting", _l("排队中")
    JUDGED = "judged", _l("已检查")
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


S = ImportState

# fmt: off
IMPORT = Workflow(
    moves=(
        #    verb         label                     from         to           who
        Move("bring",     _l("交来表格"),             None,        S.WAITING,   May.IMPORT),
        Move("judge",     _l("检查完"),               S.WAITING,   S.JUDGED,    May.RUN_IMPORT),
        Move("refuse",    _l("读不了"),               S.WAITING,   S.REFUSED,   May.RUN_IMPORT),
        Move("apply",     _l("确认导入"),             S.JUDGED,    S.APPLYING,  May.IMPORT),
        Move("finish",    _l("导入完成"),             S.APPLYING,  S.DONE,      May.RUN_IMPORT),
        Move("send_back", _l("资料变了，没有导入"),   S.APPLYING,  S.JUDGED,    May.RUN_IMPORT),
        Move("drop",      _l("放弃导入"),             S.WAITING,   S.DROPPED,   May.IMPORT),
        Move("drop",      _l("放弃导入"),             S.JUDGED,    S.DROPPED,   May.IMPORT),
        Move("lapse",     _l("放得太久，自动放弃"),   S.WAITING,   S.DROPPED,   May.RUN_IMPORT),
        Move("lapse",     _l("放得太久，自动放弃"),   S.JUDGED,    S.DROPPED,   May.RUN_IMPORT),
    ),
)
# fmt: on
