"""Who reads notices and who puts them away: everybody his own."""

from enum import StrEnum

from portal.core.policy import grant, signed_in


class May(StrEnum):
    READ = "notices:read"
    PUT_AWAY = "notices:put_away"


grant({May.READ: [signed_in], May.PUT_AWAY: [signed_in]})
