"""What goes out: in whose reach, as what, who may fetch it and for how long, and that it is written down."""

import io
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook

from portal.core import db, errands
from portal.core.actor import Actor
from portal.evidence import storage
from portal.exchange.models import Export, ExportFormat, Listed
from portal.exchange.operations import exports
from portal.exchange.queries import listings
from portal.exchange.workflow import ExportState
from tests.people import Cast

pytest_plugins = ("tests.markets.conftest",)
NASTY = '=HYPERLINK("http://x")'


def exported(who: Actor, listing: str, format_: str = "xlsx", **filters: str) -> Export:
    """An export as it stands once the worker has been there."""
    with db.acting(who):
        export_id = exports.ask(listings.get_listing(listing), filters, ExportFormat(format_), who).id
    errands.drain()
    return kept(export_id)


def kept(export_id: int) -> Export:
    with db.reading() as session:
        return session.get_one(Export, export_id)


def sheets(export: Export) -> tuple[list[list[Any]], list[list[Any]]]:
    """The two sheets of a workbook."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(storage.store().read(export.sha256)))
    data, about = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    return data, about


def text_of(export: Export) -> str:
    return storage.store().read(export.sha256).decode("utf-8")


@pytest.mark.parametrize("listing", [one.value for one in Listed])
def test_every_list_goes_out_with_as_many_cells_as_headings(app: Flask, cast: Cast, listing: str) -> None:
    who = {"journal": cast.shen, "reviews": cast.qu}.get(listing, cast.kuang)
    export = exported(who, listing)
    assert export.state is ExportState.READY, export.why
    data, about = sheets(export)
    columns = listings.get_listing(listing).columns
    assert data[0] == [str(column.heading) for column in columns]
    assert all(len(line) <= len(columns) for line in data)
    assert about[4][1] == str(export.rows_all)
