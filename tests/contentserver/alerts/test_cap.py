"""CAP 1.2 in: what the standard allows is read; what is hostile, wrong or not for us is refused with its reason."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contentserver.alerts.cap import MAX_BYTES, CapRefused, read_cap, steps_of
from schedules.alerts import SHOWN_STEPS
from schedules.wire.messages import Severity, Urgency
from tests.contentserver.alerts.samples import cap, info


def test_everything_a_television_needs_is_read() -> None:
    found = read_cap(cap())
    assert (found.sender, found.identifier) == ("weather@shizuishan.example", "SZS-20261123-001")
    assert found.sent == datetime(2026, 11, 23, 10, 46, tzinfo=UTC)
    assert (found.effective, found.expires) == (
        datetime(2026, 11, 23, 10, 50, tzinfo=UTC),
        datetime(2026, 11, 23, 13, 30, tzinfo=UTC),
    )
    assert (found.event, found.headline, found.sender_name) == ("冰雹", "冰雹红色预警", "石嘴山市气象台")
    assert found.steps == ("马上进屋，关好门窗", "牛羊赶进圈", "别在树下躲")
    assert (found.severity, found.urgency) == (Severity.EXTREME, Urgency.IMMEDIATE)
    assert found.areas[0].codes == ("640221000000",)


@pytest.mark.parametrize("order", [("zh-CN", "en-US"), ("en-US", "zh-CN"), ("ug", "zh"), ("fr", "zh-Hans", "en")])
def test_chinese_comes_before_every_other_language(order: tuple[str, ...]) -> None:
    infos = [info(language=tag, headline=f"words in {tag}") for tag in order]
    assert read_cap(cap(*infos)).headline.startswith("words in zh")


def test_english_comes_next_and_is_what_a_file_without_a_language_means() -> None:
    plain = info(headline="plain").replace("<language>zh-CN</language>", "")
    assert read_cap(cap(info(language="fr", headline="français"), plain)).headline == "plain"
    assert read_cap(cap(info(language="fr", headline="français"))).headline == "français"


def test_what_is_missing_has_a_sensible_value() -> None:
    bare = info()
    for name in ("headline", "expires", "effective", "senderName", "instruction", "description"):
        start, end = bare.index(f"<{name}>"), bare.index(f"</{name}>") + len(name) + 3
        bare = bare[:start] + bare[end:]
    found = read_cap(cap(bare))
    assert (found.headline, found.sender_name) == ("冰雹", "weather@shizuishan.example")
    assert found.effective is None
    assert found.expires > found.sent
    assert (found.steps, found.description) == ((), "")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable"),
        (b"\x89PNG\r\n", "unreadable"),
        (b"<alert>", "unreadable"),
        (b"<html/>", "not_cap"),
        (cap().replace(b":cap:1.2", b":cap:1.1"), "not_cap"),
        (cap(sent="2026-11-23T18:46:00Z"), "not_cap"),
        (cap(sent="2026-11-23T24:00:00+08:00"), "not_cap"),
        (cap(sent="0001-01-01T00:00:00+08:00"), "not_cap"),
        (cap(identifier="two words"), "not_cap"),
        (cap(info().replace("Extreme", "Terrible")), "not_cap"),
        (cap(info().replace("<event>冰雹</event>", "")), "not_cap"),
        (cap(info(headline="x" * 2000)), "not_cap"),
        (cap(status="Exercise"), "not_actual"),
        (cap(status="Test"), "not_actual"),
        (cap(scope="Restricted"), "not_public"),
        (cap(msgType="Ack"), "not_an_alert"),
        (cap(msgType="Update"), "no_references"),
        (cap(" "), "no_info"),
        (b"<a>" + b" " * MAX_BYTES + b"</a>", "too_large"),
    ],
)  # fmt: skip
def test_what_is_no_alert_for_us_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(CapRefused) as refused:
        read_cap(data)
    assert refused.value.code == code


def test_nothing_outside_the_file_is_ever_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the key of the house", encoding="utf-8")
    external = f'<!DOCTYPE alert [<!ENTITY e SYSTEM "file://{secret}">]>'
    laughs = '<!DOCTYPE alert [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    for head in (external, laughs, '<!DOCTYPE alert SYSTEM "http://127.0.0.1:9/x.dtd">'):
        for data in (cap(info(headline="&e;"), head=head), cap(head=head)):
            with pytest.raises(CapRefused) as refused:
                read_cap(data)
            assert refused.value.code == "document_type"
            assert "key of the house" not in str(refused.value)
    wide = cap(head=external).decode().replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    with pytest.raises(CapRefused, match="document_type"):
        read_cap(wide)
    with pytest.raises(CapRefused, match="unreadable"):
        read_cap(cap(info(headline="&undeclared;")))


def test_an_inclusion_is_a_word_like_any_other() -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
    with pytest.raises(CapRefused, match="not_cap"):
        read_cap(cap(info(description=include)))


def test_a_signature_of_the_sender_does_not_disturb() -> None:
    signature = b'<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo a="b">x</SignedInfo></Signature>'
    assert read_cap(cap().replace(b"</alert>", signature + b"</alert>")).headline == "冰雹红色预警"


def test_references_name_sender_and_identifier() -> None:
    references = "weather@shizuishan.example,SZS-1,2026-11-23T18:00:00+08:00 other@x,SZS-2,2026-11-23T18:00:00+08:00"
    found = read_cap(cap(msgType="Cancel", references=references))
    assert found.references == (("weather@shizuishan.example", "SZS-1"), ("other@x", "SZS-2"))


@given(st.text(max_size=300))
def test_steps_are_at_most_three_and_lose_no_word(text: str) -> None:
    steps = steps_of(text)
    assert len(steps) <= SHOWN_STEPS
    assert all(step.strip() == step and step for step in steps)


def test_numbers_and_marks_are_no_part_of_a_step() -> None:
    assert steps_of("1、进屋；2、关窗。3）别出门") == ("进屋", "关窗", "别出门")
    assert steps_of("Go inside. Shut the windows.\nCall 119") == ("Go inside", "Shut the windows", "Call 119")
    assert steps_of("甲。乙。丙。丁") == ("甲", "乙", "丙；丁")


@given(st.binary(max_size=400))
def test_rubbish_is_refused_and_never_breaks(data: bytes) -> None:
    with pytest.raises(CapRefused):
        read_cap(data)
