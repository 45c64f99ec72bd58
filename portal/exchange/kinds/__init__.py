"""The kinds of workbook: how each is judged and taken over."""

from portal.exchange.kinds.base import Judge
from portal.exchange.kinds.equipment import EquipmentJudge
from portal.exchange.kinds.people import PersonJudge
from portal.exchange.kinds.stalls import StallJudge
from portal.exchange.kinds.vendors import VendorJudge
from portal.exchange.models import ImportKind

JUDGES: dict[ImportKind, type[Judge]] = {
    judge.kind: judge for judge in (StallJudge, VendorJudge, PersonJudge, EquipmentJudge)
}

__all__ = ["JUDGES", "Judge"]
