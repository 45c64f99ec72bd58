"""What is asked of somebody who brings a workbook in."""

from flask_babel import lazy_gettext as _l
from wtforms import FileField, RadioField, SelectChoice
from wtforms.validators import DataRequired

from portal.exchange.models import ImportKind
from portal.web.forms import PortalForm


class BringForm(PortalForm):
    """A workbook and what it lists."""

    kind = RadioField(
        _l("表里是什么"),
        [DataRequired(_l("请选表里是什么。"))],
        choices=[SelectChoice(kind.value, kind.label) for kind in ImportKind],
    )
    workbook = FileField(_l("表格文件"))
