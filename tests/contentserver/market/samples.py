"""A county's market in small: corn and rice, the county's market and one of a township."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from contentserver.kernel.auth import Person, Role
from contentserver.market import catalogue, service
from contentserver.market.catalogue import Named
from contentserver.market.models import Commodity, MarketPlace
from contentserver.market.rules import OfferWords, Source
from contentserver.market.service import Entry, Kept
from tests.contentserver.conftest import NOW, VILLAGE, person

COUNTY, TOWNSHIP, OTHER = VILLAGE[:6], VILLAGE[:9], "640205"
TODAY = date(2026, 11, 23)


@dataclass(frozen=True, slots=True)
class Trade:
    """What is there, and who keeps it."""

    session: Session
    keeper: Person
    corn: Commodity
    rice: Commodity
    county: MarketPlace
    township: MarketPlace

    def keep(
        self,
        cents: int,
        back: int = 0,
        *,
        of: Commodity | None = None,
        at: MarketPlace | None = None,
        source: Source = Source.FORM,
    ) -> Kept:
        """One price, so many days ago."""
        entry = Entry((of or self.corn).id, (at or self.county).id, TODAY - timedelta(days=back), cents)
        return service.keep(self.session, [entry], source, self.keeper, NOW)


def trade(session: Session) -> Trade:
    """Corn and rice are the county's, as is the first market."""
    keeper = person(session, Role.COUNTY_STAFF, COUNTY)
    return Trade(
        session=session,
        keeper=keeper,
        corn=catalogue.add_commodity(session, Named(COUNTY, "玉米", "斤", "青贮"), keeper, NOW),
        rice=catalogue.add_commodity(session, Named(COUNTY, "大米", "斤"), keeper, NOW),
        county=catalogue.add_place(session, COUNTY, "平罗批发市场", keeper, NOW),
        township=catalogue.add_place(session, TOWNSHIP, "崇岗集市", keeper, NOW),
    )


def words(title: str = "滩羊四十只", days: int = 30, **other: str) -> OfferWords:
    """What somebody offers."""
    said = {"kind": "supply", "text": "膘情好，自己来看。", "contact": "村委会王主任", **other}
    return OfferWords(title=title, until=NOW + timedelta(days=days), **said)
