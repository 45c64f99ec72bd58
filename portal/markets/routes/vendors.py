"""Pages of vendors: the list of a market, one vendor with his papers, and what is done with him."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.core import clock
from portal.core.errors import Mistake, NotThere
from portal.core.policy import demand, may
from portal.evidence.routes import Shown, shown
from portal.markets import numbers, operations, queries
from portal.markets.forms import EndVendorForm, MoveVendorInForm, VendorForm
from portal.markets.models import Stall, Vendor
from portal.markets.policy import May
from portal.markets.queries import VendorFile
from portal.markets.routes.entry import area, asked, get_market, next_step, trade_choices
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell


@area.get("/markets/<int:market_id>/vendors", needs=May.READ)
def list_vendors(market_id: int) -> ResponseReturnValue:
    """The vendors of a market, by name."""
    market = get_market(market_id)
    search, is_ended = asked("q"), asked("show") == "ended"
    found = queries.list_vendors(
        market, search=search, is_ended=is_ended, cursor=request.args.get("after", "")
    )
    return page(
        "markets/list_vendors.html",
        market=market,
        vendors=found,
        keeps=queries.occupancies_of(found.rows, only_open=True),
        q=search,
        is_ended=is_ended,
    )


@area.form("/markets/<int:market_id>/vendors/add", needs=May.KEEP_VENDORS)
def register_vendor(market_id: int) -> ResponseReturnValue:
    """Open the file of a vendor."""
    market = get_market(market_id)
    demand(actor(), May.KEEP_VENDORS, market)
    form = VendorForm(data={"started_on": clock.today()})
    form.trade_codes.choices = trade_choices()
    if form.validate_on_submit():
        with told(form):
            vendor = operations.register_vendor(market, form.facts(), actor())
            tell(_("%(name)s 登记好了。", name=vendor.name))
            return go("markets.show_vendor", vendor_id=vendor.id)
    return page("markets/register_vendor.html", form=form, market=market)


@area.get("/vendors/mine", needs=May.READ_VENDOR)
def show_mine() -> ResponseReturnValue:
    """A vendor's own file in plain words; nobody else has one."""
    own = actor().vendor_id
    if own is None:
        raise NotThere
    vendor = queries.get_vendor(actor(), own)
    found = queries.file_of(vendor)
    return page(
        "markets/show_mine.html",
        vendor=vendor,
        file=found,
        photos=_photos(found),
        next_step=next_step(found),
        may_keep=False,
        may_keep_papers=False,
    )


@area.get("/vendors/<int:vendor_id>", needs=May.READ_VENDOR)
def show_vendor(vendor_id: int) -> ResponseReturnValue:
    """One vendor: who, where, and which papers are in order; a vendor opens his own."""
    vendor = queries.get_vendor(actor(), vendor_id)
    demand(actor(), May.READ_VENDOR, vendor)
    found, may_keep = queries.file_of(vendor), may(actor(), May.KEEP_VENDORS, vendor)
    return page(
        "markets/show_vendor.html",
        vendor=vendor,
        file=found,
        photos=_photos(found),
        next_step=next_step(found),
        phone=vendor.phone if may_keep else numbers.masked_phone(vendor.phone),
        may_keep=may_keep and vendor.erased_on is None,
        may_keep_papers=may(actor(), May.KEEP_PAPERS, vendor) and vendor.erased_on is None,
        may_reveal=vendor.id_sealed is not None and may(actor(), May.REVEAL_IDENTITY, vendor),
    )


def _photos(file: VendorFile) -> dict[int, Shown]:
    return {paper_id: shown(photo) for paper_id, photo in file.photos.items()}


@area.form("/vendors/<int:vendor_id>/edit", needs=May.KEEP_VENDORS)
def edit_vendor(vendor_id: int) -> ResponseReturnValue:
    """Write down what is so now about a vendor."""
    vendor = _kept(vendor_id)
    form = VendorForm(data=_typed(vendor))
    form.trade_codes.choices = trade_choices()
    if form.validate_on_submit():
        with told(form):
            operations.edit_vendor(vendor, form.facts(), form.version.data, actor())
            tell(_("改好了。"))
            return go("markets.show_vendor", vendor_id=vendor.id)
    return page("markets/edit_vendor.html", form=form, vendor=vendor)


def _kept(vendor_id: int) -> Vendor:
    vendor = queries.get_vendor(actor(), vendor_id)
    demand(actor(), May.KEEP_VENDORS, vendor)
    return vendor


def _typed(vendor: Vendor) -> dict[str, object]:
    names = ("name", "keeper_name", "phone", "uscc", "trade_codes", "goods", "started_on", "version")
    return {name: getattr(vendor, name) for name in names} | {"kind": vendor.kind.value}


@area.form("/vendors/<int:vendor_id>/move-in", needs=May.KEEP_VENDORS)
def move_vendor_in(vendor_id: int) -> ResponseReturnValue:
    """Give a vendor a stall, or one more."""
    vendor = _kept(vendor_id)
    form = MoveVendorInForm(data={"from_on": clock.today()})
    if form.validate_on_submit():
        with told(form):
            stall = _stall(vendor, form.stall.data)
            operations.move_in(stall, vendor, form.from_on.data, actor())
            tell(_("%(name)s 进场 %(code)s。", name=vendor.name, code=stall.code))
            return go("markets.show_vendor", vendor_id=vendor.id)
    return page("markets/move_vendor_in.html", form=form, vendor=vendor)


def _stall(vendor: Vendor, typed: str) -> Stall:
    stall = queries.find_stall(vendor.market, operations.tidy_code("stall", typed))
    if stall is None:
        raise Mistake("stall", _l("这个市场没有这个编号的档口。"))
    return stall


@area.form("/vendors/<int:vendor_id>/end", needs=May.KEEP_VENDORS)
def end_vendor(vendor_id: int) -> ResponseReturnValue:
    """The vendor trades here no more."""
    vendor = _kept(vendor_id)
    form = EndVendorForm(data={"ended_on": clock.today()})
    if form.validate_on_submit():
        with told(form):
            operations.end_vendor(vendor, form.ended_on.data, actor())
            tell(_("%(name)s 已停止经营，资料会保留。", name=vendor.name))
            return go("markets.show_vendor", vendor_id=vendor.id)
    return page("markets/end_vendor.html", form=form, vendor=vendor)


@area.post("/vendors/<int:vendor_id>/resume", needs=May.KEEP_VENDORS)
def resume_vendor(vendor_id: int) -> ResponseReturnValue:
    """A vendor who had left trades here again."""
    vendor = _kept(vendor_id)
    was_erased = vendor.erased_on is not None
    operations.resume_vendor(vendor, actor())
    if was_erased:
        tell(_("恢复经营了。以前的资料已经按期清除，请重新填写。"))
        return go("markets.edit_vendor", vendor_id=vendor.id)
    tell(_("%(name)s 恢复经营。", name=vendor.name))
    return go("markets.show_vendor", vendor_id=vendor.id)
