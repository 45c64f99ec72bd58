"""What is asked when a market comes in; whatever is wrong is said beside its field, all at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField

from portal.accounts.operations.people import PersonCard
from portal.core.actor import Actor
from portal.core.errors import Mistake
from portal.markets.forms.fields import figures, words
from portal.markets.forms.places import RegisterMarketForm
from portal.markets.operations import arriving, places
from portal.markets.operations.arriving import Arrival
from portal.territory.models import Area, Organisation
from portal.territory.operations import NameCard


class ArriveForm(RegisterMarketForm):
    """Company, market and first manager.  ``who`` is the officer who asks."""

    who: Actor
    asks_the_books = True
    """Off where the deed follows at once: it asks them itself."""
    found: Organisation | None = None
    """The company that bears the credit code already."""

    company = None
    company_uscc = figures(_l("统一社会信用代码"), needed=True)
    company_name = words(_l("公司全称"), 80, needed=False)
    company_phone = words(_l("公司电话"), 30, needed=False)
    seat = SelectField(_l("公司在哪个村（社区）"))
    manager_name = words(_l("负责人姓名"), 60)
    manager_phone = figures(_l("负责人手机号"), needed=True)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Fields first, then what only the books can tell; a field that is wrong already is not asked again."""
        super().validate(extra_validators)
        for name, check in places.CHECKS.items():
            self._try([name], partial(check, self._value(name)))
        if not self.asks_the_books:
            return not self.errors
        self._try(["company_uscc", "company_name"], self._find_company)
        self._try(["name", "community"], self._check_name)
        self._try(["manager_name", "manager_phone"], self._find_manager)
        return not self.errors

    def _try(self, fields: Iterable[str], check: Callable[[], Any]) -> None:
        if any(self[name].errors for name in fields):
            return
        try:
            check()
        except Mistake as mistake:
            self[mistake.field].errors = [*self[mistake.field].errors, mistake.words]

    def _value(self, name: str) -> Any:
        field = self[name]
        return field.data or "" if isinstance(field, StringField) else field.data

    def _find_company(self) -> None:
        self.found = arriving.find_company(self.card())

    def _check_name(self) -> None:
        arriving.check_market_name(self.community.data, self.name.data)

    def _find_manager(self) -> None:
        arriving.find_manager(self.found, self.manager(), self.who)

    def card(self) -> NameCard:
        """The company's."""
        return NameCard(
            self.company_name.data or "", uscc=self.company_uscc.data, phone=self.company_phone.data or ""
        )

    def manager(self) -> PersonCard:
        """The first manager's."""
        return PersonCard(self.manager_name.data, self.manager_phone.data)

    def arrival(self, areas: Mapping[str, Area]) -> Arrival:
        """What was typed, as the operation takes it."""
        community, seat = areas[self.community.data], areas.get(self.seat.data)
        return Arrival(self.card(), community, self.facts(), self.manager(), seat)
