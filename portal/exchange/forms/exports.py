"""What is asked when a list goes out: only how."""

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectChoice
from wtforms.validators import InputRequired

from portal.exchange.models import ExportFormat
from portal.web.forms import PortalForm


class AskExportForm(PortalForm):
    """The format; the list and its filters come with the page."""

    format = RadioField(
        _l("要哪种文件"),
        [InputRequired(_l("请选一种文件。"))],
        choices=[SelectChoice(one.value, one.label) for one in ExportFormat],
        default=ExportFormat.XLSX.value,
    )
