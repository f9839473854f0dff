"""The law of evolution, held by golden files: what was ever written can be read, and is still written the same."""

import inspect

import msgspec
import pytest

from schedules.wire import messages
from schedules.wire.codec import Unreadable, decode, decode_body, decode_command, encode
from schedules.wire.messages import Message
from tests.schedules.wire.samples import BODIES, COMMANDS, MESSAGES, golden_files

PARTS = {
    "Alert",
    "StationCard",
    "RosterMember",
    "LayerProof",
    "PackageReport",
    "ClockReport",
    "LineReport",
    "DiskReport",
    "EventRecord",
    "BrokerAccess",
    "Credentials",
    "FetchRules",
    "Holding",
    "Release",
    "StickPackage",
    "QuizQuestion",
    "CaseCard",
    "AnswerFile",
    "NoticeCard",
    "DocumentCard",
    "PriceLine",
    "OfferCard",
}
"""They stand inside other messages."""


def test_every_message_has_a_sample() -> None:
    kinds = {
        name
        for name, kind in inspect.getmembers(messages, inspect.isclass)
        if issubclass(kind, Message) and kind is not Message and kind.__module__.startswith("schedules.wire.")
    }
    assert kinds - PARTS == {type(message).__name__ for message in MESSAGES}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_golden_files_are_read_and_written_unchanged(message: Message) -> None:
    golden = golden_files(message)[-1].read_bytes().rstrip(b"\n")
    assert decode(golden, type(message)) == message
    assert encode(message) == golden


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_what_older_programs_wrote_is_read_and_nothing_of_it_is_lost(message: Message) -> None:
    for file in golden_files(message):
        written = msgspec.json.decode(file.read_bytes(), type=dict[str, object])
        again = msgspec.json.decode(encode(decode(file.read_bytes(), type(message))), type=dict[str, object])
        assert _holds(again, written)


def _holds(newer: object, older: object) -> bool:
    """Whether every field and item of the older value stands in the newer one; fields added since do not count."""
    if isinstance(older, dict) and isinstance(newer, dict):
        return all(key in newer and _holds(newer[key], value) for key, value in older.items())
    if isinstance(older, list) and isinstance(newer, list):
        return len(older) == len(newer) and all(map(_holds, newer, older))
    return newer == older


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_field_we_do_not_know_is_ignored(message: Message) -> None:
    fields = msgspec.json.decode(golden_files(message)[-1].read_bytes(), type=dict[str, msgspec.Raw])
    newer = msgspec.json.encode({**fields, "added_next_year": {"by": "a newer program"}})
    assert decode(newer, type(message)) == message


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_required_field_that_is_missing_is_refused(message: Message) -> None:
    required = [field.encode_name for field in msgspec.structs.fields(message) if field.required]
    fields = msgspec.json.decode(golden_files(message)[-1].read_bytes(), type=dict[str, msgspec.Raw])
    for name in required:
        with pytest.raises(Unreadable):
            decode(msgspec.json.encode({key: value for key, value in fields.items() if key != name}), type(message))


def test_every_event_body_is_known_by_its_kind() -> None:
    for body in BODIES:
        assert decode_body(encode(body)) == body


def test_every_command_is_known_by_its_kind() -> None:
    for body in COMMANDS:
        assert decode_command(encode(body)) == body


def test_a_command_from_a_newer_server_is_no_error() -> None:
    assert decode_command(b'{"kind":"dance","minutes":3}') is None


def test_a_kind_from_a_newer_box_is_no_error() -> None:
    assert decode_body(b'{"kind":"door_opened","airing":"a","choice":2}') is None


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[]", b"null", b'{"kind":"airing_ended"}', b'{"kind":7}'])
def test_rubbish_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        decode_body(data)
