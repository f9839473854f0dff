"""Signs by whichever key the database says at this moment, so that running programs take up a new one at once.

A key is opened once, from its file or its token; which one signs is one small question to the database for each
signature. Before any key was entered there, the one key file of the settings signs everything, as it always did.
"""

from pathlib import Path
from threading import Lock

from contentserver import trust
from contentserver.adapters.key_files import KeyUnusable, make_key, read_key
from contentserver.adapters.key_token import Token
from contentserver.kernel.db import Database
from contentserver.settings import Settings
from schedules.wire.signing import Purpose, Signer, SigningKey, jwk_set

FILE, TOKEN = "file:", "token:"


class KeySafe:
    """Where private keys lie: opens them by their place, and makes new ones."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._token: Token | None = None
        if settings.pkcs11_module:
            self._token = Token(settings.pkcs11_module, settings.pkcs11_token, Path(settings.pkcs11_pin_file))

    def first(self) -> SigningKey:
        """The key of the settings, which signs everything where no other was entered.

        Raises:
            KeyUnusable: it cannot be used.
        """
        return read_key(self._settings.signing_key_file)

    def open(self, place: str) -> SigningKey:
        """The key at a place.

        Raises:
            KeyUnusable: it cannot be used.
        """
        if place.startswith(FILE):
            return read_key(self._settings.keys_dir / place.removeprefix(FILE))
        if self._token is None:
            raise KeyUnusable(f"{place} is in a token: set YUANJIAO_PKCS11_MODULE.")
        return self._token.key(place.removeprefix(TOKEN))

    def make(self, purpose: Purpose, number: int) -> tuple[SigningKey, str]:
        """A new key and its place; in the token where there is one.

        Raises:
            KeyUnusable: the token refuses it.
        """
        if self._token is not None:
            label = f"{self._settings.pkcs11_key}-{purpose.value}-{number}"
            return self._token.make(label), TOKEN + label
        while (file := self._settings.keys_dir / f"{purpose.value}-key-{number}.jwk").exists():
            number += 1
        return make_key(file), self.place_of(file)

    def place_of(self, file: Path) -> str:
        """How a key's file is written down: beside the others by its name, elsewhere by its path."""
        return FILE + (file.name if file.parent == self._settings.keys_dir else str(file.absolute()))


class Keyring(Signer):
    """The server's signer. Safe to use from any thread."""

    def __init__(self, database: Database, safe: KeySafe) -> None:
        """Open the keys that sign now.

        Raises:
            KeyUnusable: one of them cannot be used.
        """
        self._database, self._safe = database, safe
        self._lock = Lock()
        self._opened: dict[str, SigningKey] = {}
        self._first: SigningKey | None = None
        for purpose in Purpose:
            self.key_for(purpose)

    def key_for(self, purpose: Purpose) -> SigningKey:
        """The key that signs for a purpose at this moment.

        Raises:
            KeyUnusable: it cannot be used, or is not the one that boxes trust.
        """
        with self._database.reader() as session:
            row = trust.signing_row(session, purpose)
        with self._lock:
            if row is None:
                self._first = self._first or self._safe.first()
                return self._first
            known = self._opened.get(row.kid)
            if known is None:
                known = self._safe.open(row.place)
                if known.key_id != row.kid:
                    raise KeyUnusable(f"{row.place} holds another key than {row.kid}, which boxes trust. Restore it.")
                self._opened[row.kid] = known
            return known

    def trusted(self) -> tuple[int, bytes]:
        """The number of the set that boxes are to trust, and the set (JWK Set)."""
        with self._database.reader() as session:
            number, found = trust.keys_no(session), trust.trusted_set(session)
        return number, jwk_set(found or [self.public_jwk])


def check_keys(settings: Settings) -> None:
    """Look at the files of the keys that sign: a program that forks looks before, and says it once.

    Raises:
        KeyUnusable: one of them cannot be used.
    """
    database, safe = Database(settings.database_url), KeySafe(settings)
    try:
        with database.reader() as session:
            places = {row.place for purpose in Purpose if (row := trust.signing_row(session, purpose))}
        for place in places:
            if place.startswith(FILE):  # a token's library does not outlive the fork
                safe.open(place)
        if not places:
            safe.first()
    finally:
        database.engine.dispose()
