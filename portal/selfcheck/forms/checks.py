"""The one form of a check: what stands at each item, read from a page or from a script, and shown again."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import DateTimeLocalField, StringField, TextAreaField
from wtforms.validators import InputRequired

from portal.core import clock
from portal.core.errors import Mistake
from portal.selfcheck.models import Answer, Outcome
from portal.selfcheck.operations.checks import Given
from portal.selfcheck.queries.walk import Card, Place, Walk
from portal.web.forms import PortalForm, half_width, tidy

NUMBER = re.compile(r"[-+]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})")
CLOCKS = range(2020, 2100)
STRANGE: Any = _l("这一项不在这次检查里，可能清单换过版本，请刷新再看。")


@dataclass
class Filled:
    """What stands in the fields of one item, as it was typed, and what is wrong with it."""

    outcome: str = ""
    number: str = ""
    text: str = ""
    phrases: tuple[str, ...] = ()
    note: str = ""
    stall: str = ""
    is_major: bool = False
    seen: int = 0
    at: str = ""
    mistakes: list[Any] = field(default_factory=list)

    @property
    def is_fail(self) -> bool:
        return self.outcome == Outcome.FAIL.value


class SheetForm:
    """Every item of a check on one page, the stored answers in it until something is typed over them."""

    def __init__(self, walked: Walk, places: Sequence[Place]) -> None:
        self._walked = walked
        self.places = places
        self._ids = {place.code.upper(): place.id for place in places}
        codes = {place.id: place.code for place in places}
        self.filled = {card.code: _stored(card.answer, codes) for card in walked.cards}
        self._strange = False

    def __getitem__(self, code: str) -> Filled:
        return self.filled[code]

    def suggest_stall(self, code: str) -> None:
        """Fill in the stall somebody stands at where nothing is answered; a fine answer keeps none."""
        for one in self.filled.values():
            if not one.outcome:
                one.stall = code

    @property
    def mistakes(self) -> list[tuple[str, Any]]:
        """Where something is wrong, and the words: for the summary on top."""
        strange = [("#main", STRANGE)] if self._strange else []
        return strange + [
            (f"#i-{code}", words) for code, one in self.filled.items() for words in one.mistakes
        ]

    def read(self, fields: MultiDict[str, str]) -> dict[str, Given]:
        """What the page gives for its items; what cannot be read stands in ``mistakes``."""
        given: dict[str, Given] = {}
        outcomes = {name.removesuffix("-outcome") for name in fields if name.endswith("-outcome")}
        self._strange = not outcomes <= self.filled.keys()
        for card in self._walked.cards:
            self.filled[card.code] = _typed(fields, card.code)
            with self.told():
                given[card.code] = self.given(card)
        return given

    def given(self, card: Card) -> Given:
        """What stands at one item, as an operation takes it; raises Mistake."""
        typed = self.filled[card.code]
        return Given(
            outcome=Outcome(typed.outcome) if typed.outcome else None,
            number=_number(card.code, typed.number),
            text=typed.text,
            phrases=typed.phrases,
            note=typed.note,
            stall_id=self._stall(card.code, typed.stall),
            is_suspected_major=typed.is_major,
            device_at=device_clock(typed.at),
            seen=typed.seen,
        )

    @contextmanager
    def told(self) -> Iterator[None]:
        """Put a Mistake beside the item it is about."""
        try:
            yield
        except Mistake as mistake:
            if mistake.field not in self.filled:
                raise
            self.filled[mistake.field].mistakes.append(mistake.words)

    def take(self, code: str, data: Any) -> None:
        """Put what a script sends for one item into its fields; raises Mistake for another item or no mapping."""
        if code not in self.filled:
            raise Mistake(code, STRANGE)
        if not isinstance(data, Mapping):
            raise Mistake(code, _l("没有读懂这个答案，请再点一次。"))
        seen = data.get("seen")
        self.filled[code] = Filled(
            number=_plain(data.get("number")),
            text=_plain(data.get("text")),
            note=_plain(data.get("note")),
            stall=_plain(data.get("stall")),
            at=_plain(data.get("at")),
            outcome=_outcome(_plain(data.get("outcome"))),
            phrases=_words(data.get("phrases")),
            is_major=data.get("major") is True,
            seen=seen if type(seen) is int else 0,
        )

    def _stall(self, code: str, typed: str) -> int | None:
        if not typed:
            return None
        if typed.upper() not in self._ids:
            raise Mistake(code, _l("没有 %(stall)s 这个档口，请从列表里选。", stall=typed[:20]))
        return self._ids[typed.upper()]


def _stored(answer: Answer | None, codes: Mapping[int, str]) -> Filled:
    if answer is None:
        return Filled()
    return Filled(
        outcome=answer.outcome.value,
        number="" if answer.number is None else f"{answer.number.normalize():f}",
        text=answer.text,
        phrases=tuple(answer.phrases),
        note=answer.note,
        stall=codes.get(answer.stall_id or 0, ""),
        is_major=answer.is_suspected_major,
        seen=answer.version,
    )


def _typed(fields: MultiDict[str, str], code: str) -> Filled:
    seen = fields.get(f"{code}-seen", "")
    return Filled(
        outcome=_outcome(fields.get(f"{code}-outcome", "")),
        number=half_width(fields.get(f"{code}-number", "")) or "",
        text=tidy(fields.get(f"{code}-text", "")) or "",
        phrases=tuple(fields.getlist(f"{code}-phrases")),
        note=tidy(fields.get(f"{code}-note", "")) or "",
        stall=half_width(fields.get(f"{code}-stall", "")) or "",
        is_major=bool(fields.get(f"{code}-major")),
        seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0,
    )


def _outcome(text: str) -> str:
    return text if text in set(Outcome) else ""


def _number(code: str, typed: str) -> Decimal | None:
    plain = half_width(typed) or ""
    if not plain:
        return None
    if not NUMBER.fullmatch(plain):
        raise Mistake(code, _l("“%(typed)s”不是数，请填数字，例如 3.5。", typed=plain[:20]))
    return Decimal(plain)


def _plain(value: Any) -> str:
    """A text or a number of a script, as it would be typed."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return tidy(str(value)) or ""


def _words(value: Any) -> tuple[str, ...]:
    return tuple(_plain(one) for one in value) if isinstance(value, list) else ()


def device_clock(text: str) -> datetime | None:
    """What a telephone's clock said; a claim that cannot be a time is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and moment.year in CLOCKS else None


class BackfillCheckForm(PortalForm):
    """Why a check is entered afterwards, who walked it and when."""

    reason = TextAreaField(
        _l("为什么当时没有交"), [InputRequired(_l("请写明为什么当时没有交。"))], render_kw={"maxlength": 200}
    )
    walked_by = StringField(
        _l("谁去查的"), [InputRequired(_l("请写明是谁去查的。"))], render_kw={"maxlength": 80}
    )
    walked_at = DateTimeLocalField(
        _l("什么时候查的"),
        [InputRequired(_l("请填实际检查的时间。"))],
        format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )

    @property
    def moment(self) -> datetime:
        """The moment of walking, as local time is meant."""
        given: datetime = self.walked_at.data
        return given.replace(tzinfo=clock.ZONE)


class SendBackCheckForm(PortalForm):
    """What is to be looked at again."""

    reason = TextAreaField(
        _l("请巡查员补什么"),
        [InputRequired(_l("请写明哪里要补，巡查员才知道怎么改。"))],
        render_kw={"maxlength": 400},
    )
