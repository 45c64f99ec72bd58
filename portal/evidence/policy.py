"""Who reads evidence: whoever reaches what it proves."""

from enum import StrEnum

from portal.core.policy import grant, signed_in


class May(StrEnum):
    READ = "evidence:read"


grant({May.READ: [signed_in]})
