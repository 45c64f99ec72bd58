"""A vendor's file with much in it: people with certificates, scales, photos, corrections; and files whose time ends."""

from datetime import timedelta

from portal.core import clock, db
from portal.evidence.staging import Staged, stage
from portal.markets import operations as markets
from portal.markets.models import CorrectedField, EquipmentKind, VendorKind
from portal.markets.operations import EquipmentFacts, corrections, workers
from portal.markets.operations.workers import WorkerFacts
from tests.evidence import pictures
from tests.markets.conftest import OWN_ID, kind_of, paper_facts, vendor_facts, vendor_of
from tests.people import Cast
from tests.site.access_world import World

PEOPLE = 12
ENDED = 30


def fill(world: World) -> None:
    """Fill the file of the vendor who has an account, and let thirty others end."""
    cast, vendor_id = world.people["east"], world.things["vendor", "east", ""]
    _people(cast, vendor_id)
    _scales(cast, vendor_id)
    _ended(cast)
    who = world.roles["vendor"]
    with db.acting(who):
        for number in range(corrections.MOST_OPEN - 2):
            wished = f"13900139{number:03d}"
            corrections.ask_correction(vendor_of(vendor_id), CorrectedField.PHONE, wished, "换了手机号", who)


def _people(cast: Cast, vendor_id: int) -> None:
    """Twelve who touch food; every second has a certificate with a photo, one of them a renewed one."""
    photos = [stage(pictures.sent(pictures.photo(seed=70 + number))) for number in range(PEOPLE // 2)]
    today = clock.today()
    with db.acting(cast.kuang):
        vendor = vendor_of(vendor_id)
        for number in range(PEOPLE):
            facts = WorkerFacts(f"样工{number}", "切配", True, today - timedelta(days=100))
            cook = workers.add_worker(vendor, facts, cast.kuang)
            if number % 2:
                continue
            dated = paper_facts(expires_on=today + timedelta(days=5 * number), number=f"A{number:04d}")
            paper = markets.record_paper(vendor, kind_of("health_certificate"), dated, cast.kuang, about=cook)
            staged = photos[number // 2]
            assert isinstance(staged, Staged)
            markets.add_photos(paper, [staged], cast.kuang)
        renewal = paper_facts(issued_on=today, expires_on=today + timedelta(days=400))
        markets.renew_paper(paper, renewal, cast.kuang)


def _scales(cast: Cast, vendor_id: int) -> None:
    with db.acting(cast.kuang):
        for number in range(PEOPLE):
            due_on = clock.today() + timedelta(days=20 * number - 30)
            facts = EquipmentFacts(
                EquipmentKind.SCALE, f"C-{number:03d}", vendor=vendor_of(vendor_id), due_on=due_on
            )
            markets.add_equipment(cast.market(), facts, cast.kuang)


def _ended(cast: Cast) -> None:
    """Thirty who stopped: some of their files are erased tonight."""
    with db.acting(cast.kuang):
        market = cast.market()
        for number in range(ENDED):
            facts = vendor_facts(
                kind=VendorKind.OWN_PRODUCE, uscc="", identity=OWN_ID, name=f"走了的第 {number} 家"
            )
            vendor = markets.register_vendor(market, facts, cast.kuang)
            db.session.flush()
            markets.end_vendor(vendor, clock.today() - timedelta(days=10 * number), cast.kuang)
