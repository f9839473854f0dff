"""Keys in a token, by PKCS#11, tried on SoftHSM: made there, signing there, never read out."""

import subprocess
from pathlib import Path

import msgspec
import pytest
from pkcs11 import Attribute, ObjectClass

from contentserver import key_commands
from contentserver.adapters.key_files import KeyUnusable
from contentserver.adapters.key_token import Token
from contentserver.adapters.keyring import Keyring, KeySafe
from contentserver.kernel.db import Database
from contentserver.settings import Settings
from schedules.wire.messages import Approval, Online
from schedules.wire.signing import Purpose, Signer, Verifier, jwk_set
from tests.migrated import make_tables
from tests.schedules.wire.test_trusting_keys import WORD

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "2468-本机"


@pytest.fixture(scope="module")
def label(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A token; SoftHSM reads its configuration once in a process, so all tests share the folder."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    patch = pytest.MonkeyPatch()
    patch.setenv("SOFTHSM2_CONF", str(config))
    for name in ("yuanjiao", "locked"):
        command = ["softhsm2-util", "--init-token", "--free", "--label", name, "--pin", PIN, "--so-pin", "13579246"]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
    return "yuanjiao"


@pytest.fixture
def pin(tmp_path: Path) -> Path:
    file = tmp_path / "pin"
    file.touch(0o600)
    file.write_text(f"{PIN}\n")
    return file


def test_a_key_of_a_token_signs_what_boxes_believe(label: str, pin: Path) -> None:
    token = Token(MODULE, label, pin)
    made = token.make("signs")
    signer = Signer(made)
    verifier = Verifier(jwk_set([signer.public_jwk]))
    assert verifier.read(signer.sign(Online(online=True)), Online) == Online(online=True)
    assert Token(MODULE, label, pin).key("signs").public_jwk == made.public_jwk
    with pytest.raises(KeyUnusable, match="already"):
        token.make("signs")


def test_its_private_half_cannot_be_read_out(label: str, pin: Path) -> None:
    Token(MODULE, label, pin).make("stays")
    private = Token(MODULE, label, pin)._opened().get_key(object_class=ObjectClass.PRIVATE_KEY, label="stays")
    assert private[Attribute.SENSITIVE]
    assert not private[Attribute.EXTRACTABLE]


def test_what_is_wrong_is_said(label: str, pin: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyUnusable, match="no key nowhere"):
        Token(MODULE, label, pin).key("nowhere")
    with pytest.raises(KeyUnusable, match="no token other"):
        Token(MODULE, "other", pin).key("signs")
    with pytest.raises(KeyUnusable, match=r"none\.so"):
        Token(str(tmp_path / "none.so"), label, pin).key("signs")
    with pytest.raises(KeyUnusable, match="is missing"):
        Token(MODULE, label, tmp_path / "nothing").key("signs")
    pin.chmod(0o644)
    with pytest.raises(KeyUnusable, match="chmod 600"):
        Token(MODULE, label, pin).key("signs")


@pytest.mark.usefixtures("label")
def test_a_wrong_pin_is_refused(pin: Path) -> None:
    pin.write_text("9999")
    with pytest.raises(KeyUnusable, match="PinIncorrect"):
        Token(MODULE, "locked", pin).key("signs")


def test_an_installation_with_a_token_makes_all_its_keys_there(label: str, pin: Path, tmp_path: Path) -> None:
    settings = Settings(
        secret_key="s" * 40,
        database_url=f"sqlite:///{tmp_path}/server.db",
        data_dir=tmp_path / "data",
        broker_password="b" * 20,
        signing_key_file=tmp_path / "keys" / "signing-key.jwk",
        pkcs11_module=MODULE,
        pkcs11_token=label,
        pkcs11_pin_file=str(pin),
        pkcs11_key=tmp_path.name,
    )
    make_tables(settings.database_url)
    database = Database(settings.database_url)
    assert key_commands.enter_first(settings) == ""
    office = key_commands.KeyOffice(settings, database)
    office.prepare(Purpose.APPROVALS, "")
    office.use(Purpose.APPROVALS, "", anyway=False)
    ring = Keyring(database, KeySafe(settings))
    number, trusted = ring.trusted()
    assert number == 1
    assert Verifier(trusted).read(ring.sign(WORD), Approval) == WORD
    assert f"token:{tmp_path.name}-approvals-1" in office.show()
    assert not settings.keys_dir.exists()
    without = msgspec.structs.replace(settings, pkcs11_module="")
    with pytest.raises(KeyUnusable, match="YUANJIAO_PKCS11_MODULE"):
        Keyring(database, KeySafe(without))
    database.engine.dispose()
