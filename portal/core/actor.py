"""Who acts: one person in one membership, with its role and its reach."""

from dataclasses import dataclass, field

from flask_babel import lazy_gettext as _l

from portal.core.labels import Labelled
from portal.core.reach import Reach, Sight


class Role(Labelled):
    """The parts people play.  The public plays none."""

    PLATFORM_ADMIN = "platform_admin", _l("平台管理员")
    AUDITOR = "auditor", _l("审计员")
    CITY_OFFICER = "city_officer", _l("市级统筹")
    DEPARTMENT_OFFICER = "department_officer", _l("部门人员")
    TOWN_DISPATCHER = "town_dispatcher", _l("镇街调度员")
    COMMUNITY_DISPATCHER = "community_dispatcher", _l("社区调度员")
    GRID_OFFICER = "grid_officer", _l("网格员")
    MARKET_MANAGER = "market_manager", _l("市场负责人")
    PATROLLER = "patroller", _l("巡查员")
    SERVICE_CLERK = "service_clerk", _l("服务专员")
    VENDOR = "vendor", _l("商户")
    SYSTEM = "system", _l("系统")


COMPANY_ROLES = frozenset({Role.MARKET_MANAGER, Role.PATROLLER, Role.SERVICE_CLERK})
COMMUNITY_ROLES = frozenset({Role.COMMUNITY_DISPATCHER, Role.GRID_OFFICER})
OFFICERS = frozenset(
    {
        Role.CITY_OFFICER,
        Role.DEPARTMENT_OFFICER,
        Role.TOWN_DISPATCHER,
        Role.COMMUNITY_DISPATCHER,
        Role.GRID_OFFICER,
    }
)


@dataclass(frozen=True)
class Actor:
    """A person acting in one membership.

    ``reach`` is None for those who run the platform and see no market's rows.  ``area_code`` is the area of the
    organisation (6, 9 or 12 digits), ``functions`` the subjects of a department.
    """

    person_id: int
    name: str
    role: Role
    organisation_id: int
    organisation_name: str
    membership_id: int
    reach: Reach | None
    company_id: int | None = None
    area_code: str | None = None
    vendor_id: int | None = None
    place_name: str = ""
    functions: frozenset[str] = field(default=frozenset())


def SYSTEM(reach: Reach | None) -> Actor:
    """The portal itself, acting where ``reach`` lets it."""
    company_id = reach.number if reach and reach.sight is Sight.COMPANY else None
    return Actor(0, "", Role.SYSTEM, 0, "", 0, reach, company_id=company_id)
