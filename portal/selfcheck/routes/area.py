"""The one area the self-check's pages hang on."""

from portal.web.area import Area

area = Area("selfcheck", __name__)
