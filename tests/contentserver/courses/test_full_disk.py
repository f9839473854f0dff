"""The disk of the uploads is full for a while: the browser is told to try again, and goes on where it stopped."""

from pathlib import Path

import pytest

from contentserver.courses.uploads import Uploads, UploadsAway
from tests.small_disk import fill, small_disk

PIECE = b"x" * 700_000


def test_an_upload_goes_on_when_there_is_room_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 4 << 20) as disk:
        uploads = Uploads(disk, 10**7, lambda: "somebody")
        asked = {"Upload-Length": str(2 * len(PIECE)), "Tus-Resumable": "1.0.0"}
        name = uploads.handle("POST", "", asked, b"").headers["Location"].rsplit("/", 1)[1]
        piece = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
        assert uploads.handle("PATCH", name, {**piece, "Upload-Offset": "0"}, PIECE).status == 204
        for leave in (0, 64 << 10, 300_000):  # nothing for the list of uploads, for that alone, for half a piece
            filler = fill(disk, leave=leave)
            with pytest.raises(UploadsAway):
                uploads.handle("PATCH", name, {**piece, "Upload-Offset": str(len(PIECE))}, PIECE)
            filler.unlink()
            there = uploads.handle("HEAD", name, {"Tus-Resumable": "1.0.0"}, b"").headers["Upload-Offset"]
            assert there == str(len(PIECE)), leave
        assert uploads.handle("PATCH", name, {**piece, "Upload-Offset": str(len(PIECE))}, PIECE).status == 204
        assert (disk / uploads.keep(name)).read_bytes() == 2 * PIECE
