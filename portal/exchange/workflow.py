"""The life of an import and of an export, as words; the tables of moves stand beside them."""

from flask_babel import lazy_gettext as _l

from portal.core.labels import Labelled


class ImportState(Labelled):
    """Where an import stands.  Nothing of it is in the books before ``DONE``."""

    WAITING = "waiting", _l("排队中")
    JUDGED = "judged", _l("已检查")
    REFUSED = "refused", _l("读不了")
    APPLYING = "applying", _l("正在导入")
    DONE = "done", _l("已导入")
    DROPPED = "dropped", _l("已放弃")


class ExportState(Labelled):
    """Where an export stands."""

    WAITING = "waiting", _l("排队中")
    READY = "ready", _l("可下载")
    FAILED = "failed", _l("没有做成")
    GONE = "gone", _l("已过期")
