"""Pages of a vendor's people: entering somebody, putting right what is written, leaving."""

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.core import clock
from portal.core.policy import demand
from portal.markets import queries
from portal.markets.forms.workers import EndWorkerForm, WorkerForm
from portal.markets.models import Worker
from portal.markets.operations import workers as operations
from portal.markets.policy import May
from portal.markets.routes.entry import area
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell


@area.form("/vendors/<int:vendor_id>/workers/add", needs=May.KEEP_VENDORS)
def add_worker(vendor_id: int) -> ResponseReturnValue:
    """Enter somebody who works for a vendor."""
    vendor = queries.get_vendor(actor(), vendor_id)
    demand(actor(), May.KEEP_VENDORS, vendor)
    form = WorkerForm(data={"from_on": clock.today()})
    if form.validate_on_submit():
        with told(form):
            worker = operations.add_worker(vendor, form.facts(), actor())
            tell(_("%(name)s 登记好了。", name=worker.name))
            return go("markets.show_vendor", vendor_id=vendor.id)
    return page("markets/add_worker.html", form=form, vendor=vendor)


def _kept(worker_id: int) -> Worker:
    worker = queries.get_worker(actor(), worker_id)
    demand(actor(), May.KEEP_VENDORS, worker)
    return worker


@area.form("/workers/<int:worker_id>/edit", needs=May.KEEP_VENDORS)
def edit_worker(worker_id: int) -> ResponseReturnValue:
    """Write down what is so now about somebody."""
    worker = _kept(worker_id)
    names = ("name", "job", "handles_ready_food", "from_on", "version")
    form = WorkerForm(data={name: getattr(worker, name) for name in names})
    if form.validate_on_submit():
        with told(form):
            operations.edit_worker(worker, form.facts(), form.version.data, actor())
            tell(_("改好了。"))
            return go("markets.show_vendor", vendor_id=worker.vendor_id)
    return page("markets/edit_worker.html", form=form, worker=worker)


@area.form("/workers/<int:worker_id>/end", needs=May.KEEP_VENDORS)
def end_worker(worker_id: int) -> ResponseReturnValue:
    """Somebody works here no more."""
    worker = _kept(worker_id)
    form = EndWorkerForm(data={"to_on": clock.today()})
    if form.validate_on_submit():
        with told(form):
            operations.end_worker(worker, form.to_on.data, actor())
            tell(_("记下了：%(name)s 已离开。", name=worker.name))
            return go("markets.show_vendor", vendor_id=worker.vendor_id)
    return page("markets/end_worker.html", form=form, worker=worker)
