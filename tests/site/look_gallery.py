"""A small site for tests that shows every component with sample words, in both languages and both sizes of type.

It is not the portal: it has no people, no database and no routes of the trade, only the
templates and style sheets, under the same strict content security policy.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, render_template, request, send_file
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined
from PIL import Image, ImageDraw
from werkzeug.datastructures import MultiDict

from tests.site.look_form import ReportForm

ROOT = Path(__file__).parents[2]
LOOK = Path(__file__).parent / "look"
PAGES = ("case", "today", "inbox", "form", "sign", "icons", "paper", "error-404", "error-409", "error-500")
SHANGHAI = timezone(timedelta(hours=8))
NOW = datetime(2026, 10, 13, 10, 40, tzinfo=SHANGHAI)
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
ENGLISH: dict[str, str] = json.loads((LOOK / "en.json").read_text(encoding="utf-8"))


class Grade(StrEnum):
    """The grades as the portal knows them, with words."""

    MINOR = "minor"
    SERIOUS = "serious"
    MAJOR = "major"

    @property
    def label(self) -> str:
        return say({"minor": "一般", "serious": "较大", "major": "重大"}[self.value])


@dataclass(frozen=True)
class Left:
    """What the filter ``left`` answers."""

    words: str
    tone: str


def language() -> str:
    return request.args.get("lang", "zh")


def say(words: str) -> str:
    return ENGLISH[words] if language() == "en" else words


def count(one: str, many: str, number: int) -> str:
    return ENGLISH[one if number == 1 else f"{many}+"] if language() == "en" else one


def moment(at: datetime) -> str:
    if language() == "en":
        return at.strftime("%a %-d Oct %H:%M")
    return f"{at.month}月{at.day}日 {WEEKDAYS[at.weekday()]} {at:%H:%M}"


def day(at: datetime) -> str:
    return moment(at).removesuffix(f" {clock(at)}")


def clock(at: datetime) -> str:
    return f"{at:%H:%M}"


def left(due_at: datetime) -> Left:
    if due_at < NOW:
        return Left(say("已超 40 分钟"), "overdue")
    return (
        Left(say("剩 1 天 4 小时"), "soon")
        if due_at < NOW + timedelta(days=2)
        else Left(say("剩 3 天"), "ok")
    )


def spoken(reference: str) -> str:
    return " ".join(reference[start : start + 3] for start in range(0, 9, 3))


def at(hour: int, minute: int = 0) -> datetime:
    return NOW.replace(hour=hour, minute=minute)


def checkerboard(size: int = 33) -> SimpleNamespace:
    """A drawing that looks like a QR code and says nothing."""
    cells = [
        (x, y) for x in range(4, size - 4) for y in range(4, size - 4) if (x * 7 + y * 5 + x * y) % 3 == 0
    ]
    return SimpleNamespace(size=size, path="".join(f"M{x} {y}h1v1h-1z" for x, y in cells))


def item(label: str, icon: str = "today", number: int | None = None, **more: Any) -> SimpleNamespace:
    facts = {"url": "#", "is_current": False, "is_alert": False, "wide_only": False, "heading": False, **more}
    return SimpleNamespace(label=say(label), icon=icon, count=number, **facts)


def shell() -> dict[str, Any]:
    """What the portal's context processor gives the layouts."""
    organisation = say("青荷样例市场管理有限公司")
    role = SimpleNamespace(label=say("市场经理"))
    actor = SimpleNamespace(
        name="欧试明",
        role=role,
        organisation_name=organisation,
        place_name=say("青荷肉菜市场"),
        membership_id=1,
    )
    other = SimpleNamespace(
        id=2, role=role, organisation_name=organisation, place_name=say("柳样夜市"), is_current=False
    )
    current = SimpleNamespace(
        id=1, role=role, organisation_name=organisation, place_name=say("青荷肉菜市场"), is_current=True
    )
    return {
        "actor": actor,
        "memberships": [current, other],
        "navigation": [
            item("今日", is_current=True),
            item("隐患", "hazard", 6, is_alert=True),
            item("服务", "service"),
            item("指引", "guide", 1),
            item("市场", heading=True),
            item("档口与商户", "market", wide_only=True),
            item("证照到期", "paper", 5, wide_only=True),
            item("我的", "me"),
        ],
        "unread": 4,
        "large": "large" in request.args,
        "locale": "en" if language() == "en" else "zh-Hans-CN",
        "languages": (("zh_Hans_CN", "中文"), ("en", "English")),
        "now": NOW,
    }


def sample() -> dict[str, Any]:
    """The things the pages show."""
    alt = say("泡沫箱堆在通道")
    photos = [
        SimpleNamespace(url=f"/photo/{name}", thumb_url=f"/photo/{name}", alt=alt, caption=moment(NOW))
        for name in ("before", "after")
    ]
    line = {"note": say("A-016 腾出来放箱，通道每天巡三次。"), "label": say("报已改好，照片 1 张，商户签认")}
    days = [
        SimpleNamespace(label=str(n), weekday=say("周六"), date=f"10/{9 + n}", kind="end" if n == 7 else "")
        for n in range(1, 8)
    ]
    return {
        "states": SimpleNamespace(verifying=SimpleNamespace(label=say("待核实"), tone="you")),
        "grades": SimpleNamespace(minor=Grade.MINOR, serious=Grade.SERIOUS, major=Grade.MAJOR),
        "due": SimpleNamespace(
            overdue=NOW - timedelta(minutes=40), soon=NOW + timedelta(hours=28), far=NOW + timedelta(days=3)
        ),
        "windows": [
            SimpleNamespace(label=say("开市"), opens=at(4, 50), closes=at(6), tone="ok"),
            SimpleNamespace(label=say("巡场"), opens=at(10), closes=at(10, 30), tone="late"),
            SimpleNamespace(label=say("收市"), opens=at(19, 30), closes=at(21), tone=""),
        ],
        "opens": NOW,
        "closes": NOW + timedelta(hours=1),
        "photos": photos,
        "days": days,
        "steps": [
            SimpleNamespace(label=say("整改，7 天内"), note=moment(NOW), tone=tone)
            for tone in ("ok", "overdue", "soon")
        ],
        "lines": [
            SimpleNamespace(
                at=NOW - timedelta(hours=n), actor_name="邝样安", audience_label=say("市场内部"), **line
            )
            for n in (1, 5, 30)
        ],
        "saved": [
            item("要我做的", number=6, is_current=True),
            item("已超期", number=2, is_alert=True),
            item("今明到期", number=3),
            item("全部在办", number=31),
        ],
        "part_tabs": [item("商户", is_current=True), item("证照到期"), item("档口与商户")],
        "code": checkerboard(),
        "icon_names": icon_names(),
    }


def icon_names() -> list[str]:
    sprite = (ROOT / "portal/static/icons.svg").read_text(encoding="utf-8")
    return [part.split('"', 1)[0] for part in sprite.split('<symbol id="')[1:]]


def error(code: int) -> str:
    words = {
        404: ("没有这一页", "地址可能抄错了，或者这个档口换了号。"),
        409: ("已经有人先改了", "页面打开以后，这件事变了。看一看现在的样子，再决定。"),
        500: ("系统出错了，是我们的问题", "你刚才填的没有丢。过一会儿再试。"),
    }
    title, text = map(say, words[code])
    kept = {"note": [say("档主说仓位满了，没地方放。")]} if code != 404 else {}
    reference = "816405271" if code == 500 else None
    resend_to = "#" if code == 500 else None
    return render_template(
        "errors/page.html",
        code=code,
        title=title,
        text=text,
        reference=reference,
        kept=kept,
        resend_to=resend_to,
        resend_once="once",
        back_url="#",
    )


def show(page: str) -> str:
    if page.startswith("error-"):
        return error(int(page.removeprefix("error-")))
    form = ReportForm(MultiDict({"phone": "199 0000 001"}) if "wrong" in request.args else None)
    if "wrong" in request.args:
        form.validate()
    more = {"form": form} if page == "form" else {}
    return render_template(f"{page}.html", **sample(), **more)


def photo(name: str) -> Response:
    picture = Image.new("RGB", (720, 540), "#9aa3ad")
    draw = ImageDraw.Draw(picture)
    draw.polygon([(120, 540), (330, 230), (390, 230), (600, 540)], fill="#6f7883")
    draw.line([(120, 540), (330, 230)], fill="#e0b400", width=10)
    draw.line([(600, 540), (390, 230)], fill="#e0b400", width=10)
    if name == "before":
        for left, top in ((300, 340), (380, 300), (420, 400)):
            draw.rectangle([left, top, left + 90, top + 90], fill="#f2f4f6", outline="#b8c0c8", width=4)
    body = BytesIO()
    picture.save(body, "JPEG")
    body.seek(0)
    return send_file(body, "image/jpeg")


def create_gallery() -> Flask:
    app = Flask(__name__, static_folder=str(ROOT / "portal/static"), static_url_path="/static")
    app.jinja_loader = ChoiceLoader(
        [FileSystemLoader(str(LOOK)), FileSystemLoader(str(ROOT / "portal/templates"))]
    )
    app.secret_key = "only for looking"
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(say, count, newstyle=True)  # type: ignore[attr-defined]
    app.jinja_env.globals.update(once=lambda: "once", csrf_token=lambda: "token", acting=lambda: "1")
    app.jinja_env.filters.update(moment=moment, day=day, clock=clock, left=left, spoken=spoken)
    app.context_processor(shell)
    app.add_url_rule("/look/<page>", view_func=show)
    app.add_url_rule("/photo/<name>", view_func=photo)
    for endpoint in ("site.home", "site.prefer", "accounts.switch", "accounts.sign_out", "notices.index"):
        app.add_url_rule(f"/{endpoint}", endpoint, lambda: "", methods=["POST", "GET"])

    @app.after_request
    def strict(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = CSP
        return answer

    return app
