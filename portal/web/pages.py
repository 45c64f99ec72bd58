"""Pages: what every template is given, how moments read, and the two ways a view ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from babel import Locale
from flask import Flask, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import Babel, format_date, get_locale, ngettext
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from portal.core import clock, db, once, refs
from portal.core.actor import Actor
from portal.core.policy import may
from portal.web import navigation

CHINESE, ENGLISH = "zh_Hans_CN", "en"
LANGUAGES = ((CHINESE, "中文"), (ENGLISH, "English"))
SOON = timedelta(hours=24)
LONGEST_PATH = 800


def page(template: str, **context: Any) -> ResponseReturnValue:
    """A rendered page; 422 where it shows a form that came back."""
    came_back = request.method not in {"GET", "HEAD"} and any(
        isinstance(value, FlaskForm) and value.errors for value in context.values()
    )
    return render_template(template, **context), 422 if came_back else 200


def go(endpoint: str, **values: Any) -> ResponseReturnValue:
    """After a deed: on to the page that shows it."""
    return redirect(url_for(endpoint, **values), 303)


def safe_path(path: str | None) -> str:
    """An address of our own to go on to, or the front page: nothing that a browser could read as another site."""
    if not path or not path.startswith("/") or path[1:2] in {"/", "\\"} or len(path) > LONGEST_PATH:
        return "/"
    is_plain = all(sign.isprintable() and sign != "\\" for sign in path)
    return path if is_plain and not path.startswith(("/%2f", "/%2F", "/%5c", "/%5C")) else "/"


def page_before() -> str:
    """The page the reader came from where it is one of ours, else the front page."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host:
        return "/"
    return safe_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def tell(words: Any) -> None:
    """Say it on the next page."""
    flash(str(words))


@dataclass(frozen=True)
class TimeLeft:
    """What is left until a moment, in words, with its tone: ok, soon or overdue."""

    words: str
    tone: str

    def __str__(self) -> str:
        return self.words


def time_left(due_at: datetime) -> TimeLeft:
    """The time until (or since) ``due_at`` in words, never a bare number of days."""
    gap = due_at - clock.now()
    if gap < timedelta(0):
        return TimeLeft(_("已超 %(span)s", span=span(-gap)), "overdue")
    return TimeLeft(_("剩 %(span)s", span=span(gap)), "soon" if gap < SOON else "ok")


def span(gap: timedelta) -> str:
    """A span in its two largest units."""
    minutes = max(1, int(gap.total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = []
    if days:
        parts.append(ngettext("%(num)s 天", "%(num)s 天", days))
    if hours:
        parts.append(ngettext("%(num)s 小时", "%(num)s 小时", hours))
    if not days and (minutes or not hours):
        parts.append(ngettext("%(num)s 分钟", "%(num)s 分钟", minutes))
    return " ".join(parts)


def day_words(value: date | datetime) -> str:
    """A day with its weekday: 10月9日 星期五."""
    day = clock.local(value).date() if isinstance(value, datetime) else value
    if str(get_locale()).startswith("zh"):
        return str(format_date(day, "M月d日 EEEE"))
    return str(format_date(day, "EEE d MMM"))


def clock_words(value: datetime) -> str:
    """A moment's clock time, 24 hours."""
    return f"{clock.local(value):%H:%M}"


def moment_words(value: datetime) -> str:
    """A moment in full: 10月9日 星期五 05:33."""
    return f"{day_words(value)} {clock_words(value)}"


def localized(thing: Any, field: str) -> str:
    """A text of the database in the reader's language: ``field``, or ``field_en`` for English readers who have one."""
    read = thing.get if isinstance(thing, Mapping) else lambda name, nothing="": getattr(thing, name, nothing)
    chosen = read(f"{field}_en", "") if html_language() == "en" else ""
    return str(chosen or read(field, ""))


def choose_locale() -> str:
    """The reader's language: chosen in this browser, else what the browser asks for, else Chinese."""
    chosen = session.get("language")
    if chosen in (CHINESE, ENGLISH):
        return str(chosen)
    return ENGLISH if request.accept_languages.best_match(["zh", "en"], "zh") == "en" else CHINESE


def furnish(app: Flask) -> None:
    """Give every template its words, filters and who is reading."""
    Babel(
        app,
        locale_selector=choose_locale,
        default_locale=CHINESE,
        default_timezone="Asia/Shanghai",
        default_translation_directories="translations",
    )
    app.context_processor(_context)
    filters = {
        "day": day_words,
        "clock": clock_words,
        "moment": moment_words,
        "left": time_left,
        "spoken": refs.spoken,
        "span": span,
        "localized": localized,
    }
    app.jinja_env.filters.update(filters)
    app.jinja_env.globals.update(once=once.new_token, acting=_acting, url_for=url_for)


def _acting() -> str:
    """The membership a form is drawn for, so that a form of another tab is not sent in a new one's name."""
    who: Actor | None = g.get("actor")
    return str(who.membership_id) if who else ""


def _context() -> dict[str, Any]:
    who: Actor | None = g.get("actor")
    return {
        "actor": who,
        "memberships": _asked("memberships", who, []),
        "unread": _asked("unread", who, 0),
        "navigation": navigation.items(who),
        "large": bool(session.get("large")),
        "locale": html_language(),
        "languages": LANGUAGES,
        "now": clock.local(clock.now()),
        "may": lambda right, subject=None: may(who, right, subject),
    }


def html_language() -> str:
    """The language tag of the page."""
    chosen = get_locale() or Locale.parse(CHINESE)
    return "en" if chosen.language == "en" else "zh-Hans-CN"


def _asked(name: str, who: Actor | None, nothing: Any) -> Any:
    """Ask the packages above for what the header shows; error pages come when no session is open any more."""
    if who is None:
        return nothing
    if name in g:
        return g.get(name)
    ask = getattr(current_app.wiring, name)  # type: ignore[attr-defined]
    if db.is_open():
        answer = ask(who)
    else:
        with db.reading():
            answer = ask(who)
    setattr(g, name, answer)
    return answer
