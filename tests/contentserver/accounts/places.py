"""A server that asks for second factors, with people of a county and of a township."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update

from contentserver.accounts import Account
from contentserver.accounts.models import Delegation, RecoveryCode, SecondFactor, WebSession
from contentserver.app import Services
from contentserver.audit import AuditEntry
from contentserver.kernel.auth import Role
from tests.serving import hire, import_regions, served, services_in

COUNTY, TOWNSHIP, VILLAGE = "640221", "640221203", "640221203205"
STAFF = {
    "quan": ("权主任", Role.SYSTEM_ADMIN, COUNTY),
    "qian": ("钱站长", Role.SYSTEM_ADMIN, TOWNSHIP),
    "wang": ("王立新", Role.COUNTY_STAFF, TOWNSHIP),
    "li": ("李敏", Role.REVIEWER, TOWNSHIP),
    "shen": ("沈审计", Role.AUDITOR, TOWNSHIP),
    "zhuan": ("专家", Role.EXPERT, COUNTY),
}


class Place:
    """A running server that asks for second factors."""

    def __init__(self, services: Services) -> None:
        self.services, self.url = services, ""

    def account(self, username: str) -> Account:
        """An account as it stands."""
        with self.services.database.reader() as session:
            return session.scalars(select(Account).where(Account.username == username)).one()

    def forget(self) -> None:
        """Take away what a test left."""
        with self.services.database.unit_of_work() as session:
            for table in (WebSession, Delegation, SecondFactor, RecoveryCode):
                session.execute(delete(table))
            session.execute(update(Account).values(failed_sign_ins=0, locked_until=None, active=True))

    def age(self, minutes: int) -> None:
        """Everybody gave their password so long ago."""
        with self.services.database.unit_of_work() as session:
            session.execute(update(WebSession).values(confirmed_at=datetime.now(UTC) - timedelta(minutes=minutes)))

    def actions(self) -> list[str]:
        """The audit trail, the oldest first."""
        with self.services.database.reader() as session:
            return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.at, AuditEntry.id)))


@contextmanager
def staffed(folder: Path) -> Iterator[Place]:
    """The server, on a port."""
    found = Place(services_in(folder, second_factor="county"))
    with found.services.database.unit_of_work() as session:
        import_regions(session)
        hire(session, STAFF, datetime.now(UTC))
    with served(found.services) as found.url:
        yield found
