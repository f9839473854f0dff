"""A county in small: what was made of it, and what addresses and forms call each thing by."""

from dataclasses import dataclass, field

from contentserver.accounts.models import Account

COUNTY_DIGITS = 6
TOWNSHIP_DIGITS = 9


@dataclass(slots=True)
class County:
    """What was made.

    Attributes:
        mark: stands in every name and text of the county, and nowhere else.
        named: what an address calls each thing by, under the name of its parameter.
        form: the same for the fields of forms.
        ids: whatever betrays a thing of the county in an answer.
    """

    mark: str
    village: str
    people: dict[str, Account] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    form: dict[str, str | list[str]] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    box_token: str = ""
    api_token: str = ""

    @property
    def county(self) -> str:
        """Its code."""
        return self.village[:COUNTY_DIGITS]

    @property
    def claim_code(self) -> str:
        """What a television that waits there shows."""
        return f"QX{self.mark[2]}22333"

    @property
    def township(self) -> str:
        """The code of the township to which most things belong."""
        return self.village[:TOWNSHIP_DIGITS]
