"""Pages of posts: who answers for what in a market."""

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from portal.core import clock
from portal.core.policy import demand, may
from portal.markets import operations, queries
from portal.markets.forms import AppointForm, EndPostForm
from portal.markets.models import PostKind
from portal.markets.policy import May
from portal.markets.routes.entry import area, get_market
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell


@area.get("/markets/<int:market_id>/posts", needs=May.READ_POSTS)
def list_posts(market_id: int) -> ResponseReturnValue:
    """Who holds which post, and who held it."""
    market = get_market(market_id)
    return page(
        "markets/list_posts.html",
        market=market,
        posts=queries.posts_of(market),
        today=clock.today(),
        may_appoint=may(actor(), May.APPOINT, market),
    )


@area.form("/markets/<int:market_id>/posts/appoint", needs=May.APPOINT)
def appoint(market_id: int) -> ResponseReturnValue:
    """Give somebody of the company a post."""
    market = get_market(market_id)
    demand(actor(), May.APPOINT, market)
    form, people = AppointForm(data={"from_on": clock.today()}), queries.colleagues(market.company_id)
    form.person.choices = [SelectChoice(str(one.id), one.name) for one in people]
    if form.validate_on_submit():
        with told(form):
            person = next(one for one in people if str(one.id) == form.person.data)
            operations.appoint(market, person, PostKind(form.kind.data), form.from_on.data, actor())
            tell(_("%(name)s 任职登记好了。", name=person.name))
            return go("markets.list_posts", market_id=market.id)
    return page("markets/appoint.html", form=form, market=market)


@area.form("/markets/<int:market_id>/posts/<int:post_id>/end", needs=May.APPOINT)
def end_post(market_id: int, post_id: int) -> ResponseReturnValue:
    """Say until when a post is held."""
    market = get_market(market_id)
    post = queries.get_post(market, post_id)
    demand(actor(), May.APPOINT, post)
    form = EndPostForm(data={"to_on": clock.today()})
    if form.validate_on_submit():
        with told(form):
            operations.end_post(post, form.to_on.data, actor())
            tell(_("记下了。"))
            return go("markets.list_posts", market_id=market.id)
    return page("markets/end_post.html", form=form, market=market, post=post)
