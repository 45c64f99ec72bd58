"""Error pages: one table of what went wrong, one page in the portal's own design."""

import logging
from dataclasses import dataclass
from typing import Any

from flask import Flask, jsonify, render_template, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from portal.core import refs
from portal.core.errors import Mistake, Refusal
from portal.web.gate import NoOnce, StaleForm, is_script, typed
from portal.web.pages import page_before

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Words:
    """What one kind of error says: headline, what to do, and whether the same form may be sent again."""

    title: Any
    text: Any
    may_resend: bool = False


PAGES = {
    400: Words(_l("这个请求读不懂"), _l("请回到上一页，再做一次。")),
    401: Words(_l("请先登录"), _l("登录以后接着做。")),
    403: Words(
        _l("这一页不归你办"), _l("你现在的身份不能做这一步。可以换一个身份，或者请有权限的同事来做。")
    ),
    404: Words(_l("没有找到这一页"), _l("它可能已经移走，或者不归你看。地址里的字请再核对一遍。")),
    405: Words(_l("这一步不能这样做"), _l("请从页面上的按钮进来。")),
    409: Words(_l("这件事已经变了"), _l("有人先一步改过。请看最新的情况再做，你填的字还在下面。")),
    413: Words(_l("传的东西太大了"), _l("照片请控制在 25 MB 以内，文字请写短一些。")),
    415: Words(_l("这种文件收不了"), _l("请换成照片或 PDF。")),
    422: Words(_l("有几处要改"), _l("请按提示改好再交。")),
    423: Words(_l("正在处理同一件事"), _l("请稍等几秒再看。")),
    429: Words(_l("试得太快了"), _l("请等几分钟再试。")),
    500: Words(
        _l("出了差错，是我们的问题"), _l("已经记下。你可以再试一次；要问的话，请报下面的编号。"), True
    ),
    503: Words(_l("现在太忙，没有存上"), _l("你填的都在，再按一次就行，不会重复。"), True),
    419: Words(_l("页面放得太久了"), _l("你填的都在。看一遍，再按一次就交上去。"), True),
}


def speak(app: Flask) -> None:
    """Turn whatever a request may die of into a page (or words for a script)."""
    app.register_error_handler(HTTPException, lambda error: _answer(error.code or 500))
    app.register_error_handler(Refusal, _on_refusal)
    app.register_error_handler(Mistake, lambda error: _answer(422, error.words))
    app.register_error_handler(CSRFError, lambda error: _answer(400))
    app.register_error_handler(NoOnce, lambda error: _answer(400))
    app.register_error_handler(StaleForm, lambda error: _answer(400, words=PAGES[419]))
    app.register_error_handler(StaleDataError, lambda error: _answer(409))
    app.register_error_handler(IntegrityError, _on_conflict)
    app.register_error_handler(OperationalError, _on_busy)
    app.register_error_handler(Exception, _on_fault)


def _on_refusal(error: Refusal) -> ResponseReturnValue:
    return _answer(error.status, error.words, title=error.title)


def _on_conflict(error: IntegrityError) -> ResponseReturnValue:
    log.warning("integrity: %s", error.orig)
    return _answer(409)


def _on_busy(error: OperationalError) -> ResponseReturnValue:
    log.warning("database: %s", error.orig)
    return _answer(503)


def _on_fault(error: Exception) -> ResponseReturnValue:
    reference = refs.new_ref()
    log.exception("fault %s at %s %s", reference, request.method, request.path)
    return _answer(500, reference=reference)


def _answer(
    status: int,
    text: Any = None,
    *,
    title: Any = None,
    reference: str | None = None,
    words: Words | None = None,
) -> ResponseReturnValue:
    words = words or PAGES.get(status) or PAGES[400]
    if request_ctx.url_adapter is None:  # a host that is not ours: no page of ours has an address there
        return str(words.title), status, {"Content-Type": "text/plain; charset=utf-8"}
    if is_script():
        return jsonify(error=str(title or words.title), words=str(text or words.text)), status
    kept = _typed_before(status)
    return (
        render_template(
            "errors/page.html",
            code=status,
            title=title or words.title,
            text=text or words.text,
            reference=reference,
            kept=kept,
            resend_to=request.path if words.may_resend and kept else None,
            resend_once=request.form.get("once") if words.may_resend and kept else None,
            back_url=page_before(),
        ),
        status,
    )


def _typed_before(status: int) -> dict[str, list[str]]:
    """What was typed, so that it is not lost; nothing of a body that is too large to be read."""
    if request.method != "POST" or status == 413:
        return {}
    try:
        return typed()
    except HTTPException:
        return {}
