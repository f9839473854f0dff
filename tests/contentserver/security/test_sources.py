"""What the server's own text may not do: fetch from addresses, read XML in a second place, start a shell, unpickle."""

import ast
from pathlib import Path

import pytest
from lxml import etree

from contentserver.alerts import cap
from contentserver.alerts.cap import CapRefused
from tests.contentserver.security.house import sources

FETCHING = {"urllib.request", "http.client", "httpx", "requests", "aiohttp", "urllib3", "ftplib", "telnetlib"}
XML = {"lxml", "xml", "defusedxml", "html.parser", "bs4"}
CODE = {"pickle", "marshal", "shelve", "dill", "yaml"}
SHELLS = {"eval", "exec", "compile_command", "system", "popen"}


def imported(source: str) -> set[str]:
    """Everything that a module imports, by whole name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{one.name}" for one in node.names)}
    return found


def importers(names: set[str]) -> set[str]:
    """Modules that import one of some names, or something below it."""
    return {str(file) for file in sources() if among(imported(file.read_text(encoding="utf-8")), names)}


def among(found: set[str], names: set[str]) -> bool:
    """Whether one of the names, or something below it, is there."""
    return any(one == name or one.startswith(f"{name}.") for one in found for name in names)


def calls(source: str) -> set[str]:
    """Names of what is called, and `shell` where a shell is asked for."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "")
            inside = (
                getattr(node.func, "attr", "") if getattr(getattr(node.func, "value", None), "id", "") == "os" else ""
            )
            found |= {name, inside}
            found |= {"shell" for word in node.keywords if word.arg == "shell"}
    return found


def test_nothing_fetches_from_an_address() -> None:
    """So that nobody can let the server ask a machine beside it: it opens no address but those of its settings."""
    assert among(imported("from urllib import request"), FETCHING)
    assert among(imported("import httpx"), FETCHING)
    assert not among(imported("from urllib.parse import urlsplit"), FETCHING)
    assert {Path(file).name for file in importers(FETCHING)} == {
        "kannel.py",
        "object_store.py",
    }, "the gateway and the object store of the settings alone"


def test_xml_is_read_in_one_place() -> None:
    assert among(imported("from xml.etree import ElementTree"), XML)
    assert {Path(file).name for file in importers(XML)} <= {"cap.py", "feeds.py"}, "feeds.py writes alone"


def test_nothing_is_unpickled_and_no_shell_is_started() -> None:
    assert among(imported("import pickle"), CODE)
    assert {"eval", "system", "shell"} <= calls("import os\neval('1')\nos.system('x')\nrun('x', shell=True)")
    assert importers(CODE) == set()
    for file in sources():
        assert not calls(file.read_text(encoding="utf-8")) & (SHELLS | {"shell"}), file


def _laughs() -> bytes:
    lines = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 9))
    return f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">{lines}]><a>&l8;</a>'.encode()


def _outside(file: Path) -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file://{file}">]><a>&x;</a>'.encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("kind", ["laughs", "outside", "parameter"])
def test_xml_has_no_entities(kind: str, encoding: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    parameter = f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY % x SYSTEM "file://{secret}"> %x;]><a/>'.encode()
    text = {"laughs": _laughs(), "outside": _outside(secret), "parameter": parameter}[kind].decode()
    with pytest.raises(CapRefused) as refused:
        cap.read_cap(text.replace('version="1.0"', f'version="1.0" encoding="{encoding}"').encode(encoding))
    assert refused.value.code == "document_type"


def test_it_is_seen_when_entities_are_read(tmp_path: Path) -> None:
    """With a parser that takes them, the secret stands in the text; so the refusal is what keeps it out."""
    secret = tmp_path / "secret"
    secret.write_text("a secret")
    root = etree.fromstring(_outside(secret), etree.XMLParser(resolve_entities=True, load_dtd=True))
    assert root.text == "a secret"
