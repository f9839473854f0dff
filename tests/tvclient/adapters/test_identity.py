import stat
from pathlib import Path

from joserfc import jws
from joserfc.jwk import OKPKey

from tests.tvclient.counterpart import Counterpart
from tvclient.adapters.identity import Vault


def test_the_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    first, again = Vault(tmp_path / "secret").identity(), Vault(tmp_path / "secret").identity()
    assert first.public_key == again.public_key
    files = list((tmp_path / "secret").iterdir())
    assert [stat.S_IMODE(file.stat().st_mode) for file in files] == [0o600]


def test_the_proof_is_verified_by_the_public_key_alone(tmp_path: Path) -> None:
    identity = Vault(tmp_path).identity()
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": identity.public_key})
    assert jws.deserialize_compact(identity.prove(b"body"), key, algorithms=["Ed25519"]).payload == b"body"


def test_credentials_are_kept_and_damage_means_none(tmp_path: Path, http_server: Counterpart) -> None:
    vault = Vault(tmp_path / "secret")
    assert vault.credentials() is None
    vault.keep(http_server.credentials())
    assert Vault(tmp_path / "secret").credentials() == http_server.credentials()
    (tmp_path / "secret" / "credentials.json").write_bytes(b"{")
    assert vault.credentials() is None


def test_an_end_is_remembered_until_the_box_is_let_in_again(tmp_path: Path, http_server: Counterpart) -> None:
    vault = Vault(tmp_path / "secret")
    vault.keep(http_server.credentials())
    assert vault.ended() is None
    vault.end("接替的机顶盒已经装好")
    assert Vault(tmp_path / "secret").ended() == "接替的机顶盒已经装好"
    assert vault.credentials() == http_server.credentials()
    vault.keep(http_server.credentials())
    assert Vault(tmp_path / "secret").ended() is None
