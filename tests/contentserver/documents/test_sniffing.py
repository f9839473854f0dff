"""Attachments: known by their content, without what would run, under a name that says nothing false."""

import io
import tracemalloc
import unicodedata
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.courses import ScannerAway
from contentserver.documents import sniffing
from contentserver.documents.keeping import FILE_BYTES, Cabinet
from contentserver.documents.sniffing import Unfit
from contentserver.kernel.errors import Rejected
from tests.contentserver.documents.samples import PDF, workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def in_stream(inside: bytes) -> bytes:
    return PDF + b"2 0 obj << /Type /ObjStm /Filter /FlateDecode >> stream\n" + zlib.compress(inside) + b"\nendstream"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (PDF, "pdf"),
        (in_stream(b"<< /Type /Page >>"), "pdf"),
        (PDF + b"<< /OpenAction << /S /JavaScript /JS (app.alert(1)) >> >>", Unfit.RUNS),
        (PDF + b"<< /S /J#61vaScript >>", Unfit.RUNS),
        (in_stream(b"<< /S /JavaScript >>"), Unfit.RUNS),
        (PDF + b"<< /S /Launch /F (cmd.exe) >>", Unfit.RUNS),
        (b"\xff\xd8\xff\xe0 a photograph", "jpg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (workbook(), "xlsx"),
        (workbook(**{"xl/vbaProject.bin": "Sub Auto_Open()"}), Unfit.RUNS),
        (workbook(**{"xl/activeX/activeX1.bin": ""}), Unfit.RUNS),
        (OLE + "WordDocument".encode("utf-16-le"), "doc"),
        (OLE + "Workbook".encode("utf-16-le") + "_VBA_PROJECT".encode("utf-16-le"), Unfit.RUNS),
        (OLE, Unfit.UNKNOWN),
        (b"PK\x03\x04 broken", Unfit.UNKNOWN),
        (b"MZ\x90\0 a program", Unfit.UNKNOWN),
        (b"<svg><script>alert(1)</script></svg>", Unfit.UNKNOWN),
        (b"<!doctype html><script>alert(1)</script>", Unfit.UNKNOWN),
        (b"", Unfit.UNKNOWN),
    ],
    ids=lambda one: "file" if isinstance(one, bytes) else None,  # not of bytes: a workbook has the time in it
)
def test_what_a_file_is(data: bytes, kind: str | Unfit) -> None:
    assert sniffing.kind_of(data) == kind


@pytest.mark.parametrize("size", [200_000_000, 80])
def test_what_is_packed_is_not_unpacked_to_learn_its_kind(size: int) -> None:
    """A kind's name that unpacks to 200 MB costs no memory, whatever size its directory states."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as writing:
        with writing.open("mimetype", "w") as part:
            for _piece in range(200):
                part.write(bytes(1_000_000))
        writing.getinfo("mimetype").file_size = size
    tracemalloc.start()
    try:
        assert sniffing.kind_of(packed.getvalue()) == Unfit.UNKNOWN
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("面积表.xlsx", "面积表.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\文件\\通知.PDF", "通知.pdf"),
        ("通知\u202efdp.exe", "通知fdp.exe.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie x=1.pdf"),
        ("\u200f\u0000.pdf", "attachment.pdf"),
        ("", "attachment.pdf"),
        ("长" * 300, "长" * 114 + ".pdf"),
    ],
)
def test_a_name_keeps_its_words_alone(given_name: str, name: str) -> None:
    assert sniffing.name_of(given_name, "pdf") == name


@given(st.text(max_size=200), st.sampled_from(sorted(sniffing.TYPES)))
def test_no_name_leads_anywhere(given_name: str, kind: str) -> None:
    name = sniffing.name_of(given_name, kind)
    assert name.endswith(f".{kind}")
    assert len(name) <= 120
    assert not set(name) & set('/\\<>:"|?*')
    assert all(unicodedata.category(char)[0] != "C" for char in name)
    assert not name.startswith(".")


@given(st.binary(max_size=300))
def test_any_bytes_have_an_answer(data: bytes) -> None:
    assert sniffing.kind_of(data) in {*sniffing.TYPES, *Unfit}


class Finds:
    """A scanner that finds something, nothing, or does not answer."""

    def __init__(self, finding: str | None) -> None:
        self.finding = finding

    def scan(self, file: Path) -> str:
        assert file.exists()
        if self.finding is None:
            raise ScannerAway
        return self.finding


def kept(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.rglob("*") if one.is_file())


def test_the_same_content_lies_there_once(tmp_path: Path) -> None:
    cabinet = Cabinet(tmp_path, Finds(""))
    one, two = cabinet.keep([("a.pdf", PDF), ("b.pdf", PDF)])
    assert (one.name, two.name, one.digest) == ("a.pdf", "b.pdf", two.digest)
    assert kept(tmp_path) == [one.digest]
    assert cabinet.file_of(one.digest).read_bytes() == PDF


@pytest.mark.parametrize(
    ("data", "scanner", "code"),
    [
        (b"", None, "file_empty"),
        (PDF.ljust(FILE_BYTES + 1, b"\n"), None, "file_large"),
        (b"MZ\x90\0", None, "file_unknown"),
        (PDF + b"/JavaScript ", None, "file_runs"),
        (PDF, Finds("Eicar-Test"), "infected"),
        (PDF, Finds(None), "scan_failed"),
    ],
    ids=lambda one: "file" if isinstance(one, bytes) else None,  # not of bytes: a workbook has the time in it
)
def test_what_is_refused_is_not_kept(tmp_path: Path, data: bytes, scanner: Finds | None, code: str) -> None:
    with pytest.raises(Rejected) as told:
        Cabinet(tmp_path, scanner).keep([("通知.pdf", data)])
    assert told.value.code == code
    assert kept(tmp_path) == []


def test_of_several_files_all_are_kept_or_none(tmp_path: Path) -> None:
    with pytest.raises(Rejected):
        Cabinet(tmp_path).keep([("a.pdf", PDF), ("b.exe", b"MZ")])
    assert kept(tmp_path) == []
