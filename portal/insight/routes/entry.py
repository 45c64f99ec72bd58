"""The area of insight."""

from portal.web.area import Area

area = Area("insight", __name__)
