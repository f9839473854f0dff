"""What only an enrolled box has, put together from its credentials: HTTP, broker, documents, packages, evidence."""

from collections.abc import Callable

from schedules.wire.messages import Credentials
from schedules.wire.signing import Verifier
from tvclient.adapters.alert_documents import AlertDocuments
from tvclient.adapters.api import Api
from tvclient.adapters.clock import Clock
from tvclient.adapters.documents import Documents
from tvclient.adapters.journal import Journal
from tvclient.adapters.link import Link, Receiver
from tvclient.adapters.outbox import Outbox
from tvclient.adapters.packages import PackageStore
from tvclient.adapters.prefetch import Prefetch
from tvclient.adapters.proving import Proving
from tvclient.core import events
from tvclient.settings import Settings


class Household:
    """The parts; `line.py` makes them work together."""

    def __init__(
        self,
        credentials: Credentials,
        settings: Settings,
        receiver: Receiver,
        journal: Journal,
        clock: Clock,
        post: Callable[[events.Event], None],
        packages_changed: Callable[[], None],
    ) -> None:
        """Load what is stored; nothing talks before it is started."""
        verifier = Verifier(credentials.signing_keys)
        self.box = credentials.box
        self.api = Api(settings.server, credentials.http_token)
        self.documents = Documents(settings.data / "documents", verifier, credentials.box)
        self.store = PackageStore(settings.data / "packages", verifier, settings.package_budget, settings.codecs)
        self.alerts = AlertDocuments(settings.data / "alerts", verifier, self.documents.followed, post)
        self.link = Link(credentials, receiver, self.alerts.came)
        self.proving = Proving(credentials.box)
        self.outbox = Outbox(journal, credentials.box)
        self.prefetch = Prefetch(self.api, self.store, clock, packages_changed)

    def close(self) -> None:
        """Stop talking."""
        self.link.close()
        self.api.close()
        self.prefetch.close()
