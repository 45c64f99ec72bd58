"""Words for the tests, of a package that is none."""

from flask_babel import lazy_gettext as _l

from portal.notices import texts

DUE = "test.paper_due"
DONE = "test.check_done"
GRADED = "test.graded"

if DUE not in texts.registered():
    texts.register(
        DUE,
        title=_l("%(paper)s明天到期"),
        body=_l("%(vendor)s 的证，%(day)s 是最后一天。"),
        digest=_l("明天到期 %(n)s 件"),
    )
    texts.register(DONE, title=_l("今天的检查交了"))
    texts.register(GRADED, title=_l("定为%(standing)s，%(at)s"))
