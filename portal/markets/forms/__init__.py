"""What is asked about markets, stalls, vendors, papers and posts."""

from portal.markets.forms.papers import (
    CorrectPaperForm,
    RecordMarketPaperForm,
    RecordPaperForm,
    RenewPaperForm,
)
from portal.markets.forms.places import (
    AddStallsForm,
    ChangeStallForm,
    CloseMarketForm,
    EditMarketForm,
    RegisterMarketForm,
    RestampMarketForm,
    StallForm,
    ZoneForm,
)
from portal.markets.forms.vendors import (
    AppointForm,
    EndPostForm,
    EndVendorForm,
    MoveInForm,
    MoveOutForm,
    MoveVendorInForm,
    VendorForm,
)

__all__ = [
    "AddStallsForm",
    "AppointForm",
    "ChangeStallForm",
    "CloseMarketForm",
    "CorrectPaperForm",
    "EditMarketForm",
    "EndPostForm",
    "EndVendorForm",
    "MoveInForm",
    "MoveOutForm",
    "MoveVendorInForm",
    "RecordMarketPaperForm",
    "RecordPaperForm",
    "RegisterMarketForm",
    "RenewPaperForm",
    "RestampMarketForm",
    "StallForm",
    "VendorForm",
    "ZoneForm",
]
