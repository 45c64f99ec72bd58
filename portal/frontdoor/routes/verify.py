"""Is this paper real?"""

from flask import make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.core import digests
from portal.core.policy import Everyone
from portal.frontdoor.queries import verify as queries
from portal.frontdoor.routes.area import area
from portal.web.pages import page


@area.get("/verify", needs=Everyone.MAY_READ, rate="60 per minute")
def look_up() -> ResponseReturnValue:
    """Where a code is typed or pasted; the page of a code has an address of its own."""
    text = request.args.get("code", "").strip()
    if code := digests.typed(text):
        return redirect(url_for("frontdoor.verify", code=code))
    return page("frontdoor/verify.html", found=None, typed=text, is_wrong=bool(text))


@area.get("/verify/<code>", needs=Everyone.MAY_READ, rate="60 per minute")
def verify(code: str) -> ResponseReturnValue:
    """What the code opens; a code that opens nothing is told so in words, whatever is wrong with it."""
    found = queries.verify(code)
    answer = make_response(
        page("frontdoor/verify.html", found=found, typed="" if found else code[:80], is_wrong=found is None)
    )
    answer.status_code = 200 if found else 404
    return answer
