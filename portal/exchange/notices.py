"""What people are told about workbooks they brought in and lists they took out."""

from flask_babel import lazy_gettext as _l

from portal.notices import texts

JUDGED = "exchange.import_judged"
REFUSED = "exchange.import_refused"
DONE = "exchange.import_done"
SENT_BACK = "exchange.import_sent_back"
READY = "exchange.export_ready"
FAILED = "exchange.export_failed"

texts.register(
    JUDGED,
    title=_l("%(market)s：表格“%(file)s”核对完了"),
    body=_l("可以导入 %(right)s 行，要改 %(wrong)s 处。还没有导入，请点开看。"),
    digest=_l("有 %(n)s 份表格核对完了"),
)
texts.register(
    REFUSED,
    title=_l("%(market)s：表格“%(file)s”读不了"),
    body=_l("请点开看原因，改好再交。什么都没有改动。"),
    digest=_l("有 %(n)s 份表格读不了"),
)
texts.register(
    DONE,
    title=_l("%(market)s：表格“%(file)s”导入好了"),
    body=_l("新增 %(new)s 行，更新 %(changed)s 行。"),
    digest=_l("有 %(n)s 份表格导入好了"),
)
texts.register(
    SENT_BACK,
    title=_l("%(market)s：表格“%(file)s”没有导入"),
    body=_l("核对之后又有人改了资料，请按最新的结果再看一遍。"),
    digest=_l("有 %(n)s 份表格没有导入"),
)
texts.register(
    READY,
    title=_l("%(listing)s导出好了，共 %(rows)s 行"),
    body=_l("%(until)s 前可以下载，过后自动删除。"),
    digest=_l("有 %(n)s 份导出好了"),
)
texts.register(
    FAILED,
    title=_l("%(listing)s没有导出成"),
    body=_l("%(why)s"),
    digest=_l("有 %(n)s 份没有导出成"),
)
