"""What only an enrolled box has, put together from its credentials: HTTP, broker, documents, packages, evidence."""

import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec

from schedules.wire.messages import Credentials
from tvclient.adapters.alert_documents import AlertDocuments
from tvclient.adapters.answer_files import AnswerFiles
from tvclient.adapters.clock import Clock
from tvclient.adapters.commanding import Commanding, Hands
from tvclient.adapters.identity import Vault
from tvclient.adapters.journal import Journal
from tvclient.adapters.keyring import Keyring
from tvclient.adapters.lan import MulticastLan
from tvclient.adapters.link import Link
from tvclient.adapters.means import Means
from tvclient.adapters.neighbours import Neighbours
from tvclient.adapters.outbox import Outbox
from tvclient.adapters.packages import PackageStore
from tvclient.adapters.papers import Papers
from tvclient.adapters.prefetch import Prefetch
from tvclient.adapters.proving import Proving
from tvclient.adapters.ration import Ration
from tvclient.adapters.showing import Showing
from tvclient.adapters.stick import Sticks
from tvclient.core import events
from tvclient.settings import Settings


class Household:
    """The parts; `line.py` makes them work together."""

    def __init__(
        self,
        credentials: Credentials,
        settings: Settings,
        receiver: Hands,
        journal: Journal,
        clock: Clock,
        post: Callable[[events.Event], None],
        packages_changed: Callable[[], None],
        means: Means,
    ) -> None:
        """Load what is stored; nothing talks before it is started."""
        self.keyring = verifier = Keyring(means.verifier, credentials.signing_keys)
        self.packages_changed = packages_changed
        authority = settings.authority or credentials.authority
        self.box, self.credentials = credentials.box, credentials
        self.api = means.api(settings.server, credentials.http_token, authority)
        self.documents = means.documents(settings.data / "documents", verifier, credentials.box)
        self.store = PackageStore(settings.data / "packages", verifier, settings.package_budget, settings.codecs)
        self.papers = Papers(settings.data / "documents" / "papers", self.api, post)
        self.alerts = AlertDocuments(settings.data / "alerts", verifier, self.documents.followed, post)
        self.link = Link(credentials, receiver, self.alerts.came, authority, means.client())
        self.proving = Proving(credentials.box)
        self.outbox = Outbox(journal, credentials.box)
        neighbours = Neighbours(self.box, MulticastLan(self.box), self.store) if settings.neighbours else None
        ration = Ration(settings.data / "ration.json")
        self.sticks = Sticks(
            settings.sticks,
            self.documents,
            self.store,
            journal,
            clock,
            self.box,
            credentials.journal_key,
            Vault(settings.data / "secret").signer,
            receiver.layer_came,
            packages_changed,
            post,
        )
        self.prefetch = Prefetch(
            self.api, self.store, clock, packages_changed, ration, neighbours, means.run, means.fetchers()
        )
        self.answer_files = AnswerFiles(
            settings.data / "documents" / "answer_files",
            self.api,
            clock,
            ration,
            lambda: self.prefetch.busy,
            post,
            means.run,
        )
        self.commanding = Commanding(
            self.box,
            verifier,
            settings.data / "commands.json",
            clock,
            self.link,
            self.api,
            lambda heard, refused: Showing(self.api, means.frames, means.recent, heard, refused),
            receiver,
            post,
        )

    def start(self) -> None:
        """Begin to talk and to fetch."""
        self.link.start()
        self.prefetch.start()
        self.sticks.start()
        self.answer_files.start()

    def renew(self, credentials: Credentials) -> None:
        """Go on with a newer token and password; the rest of the credentials counts from the next start.

        The keys are asked for apart (`trusting.py`), since more follows from them.
        """
        old = self.credentials
        self.credentials = msgspec.structs.replace(credentials, signing_keys=old.signing_keys, keys_no=old.keys_no)
        self.api.authorise(credentials.http_token)
        self.link.renew(credentials.broker)

    def believe(self, credentials: Credentials) -> None:
        """Believe the keys in these credentials, and look at all that is stored by them."""
        self.credentials = credentials
        self.keyring.believe(credentials.signing_keys)
        self.documents.verify_again()
        self.alerts.verify_again()
        self.store.verify_again()
        self.packages_changed()

    def settle(self) -> bool:
        """All was asked for: what only an older key had signed goes now. Whether the timetable may differ."""
        self.alerts.settle()
        return self.documents.settle()

    def close(self) -> None:
        """Stop talking."""
        self.sticks.close()
        self.commanding.close()
        self.link.close()
        self.api.close()
        self.prefetch.close()
        self.answer_files.close()


def forget_documents(data: Path) -> None:
    """Drop what an earlier enrolment stored under `data` and what its numbers count; packages and journal stay.

    A server that was restored from a backup, or another one, counts versions and revisions from lower numbers.
    """
    for name in ("documents", "alerts"):
        shutil.rmtree(data / name, ignore_errors=True)
