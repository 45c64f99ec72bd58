"""The area of pages that open without an account."""

from portal.web.area import Area

area = Area("frontdoor", __name__)
