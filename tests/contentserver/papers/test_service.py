"""Papers lie ready for their stations: what did not change costs nothing, and the same content has the same version."""

from datetime import UTC, datetime

import msgspec
from sqlalchemy.orm import Session

from contentserver import boxes, papers
from contentserver.boxes import Box
from contentserver.stations import Station
from schedules.wire.codec import decode
from schedules.wire.messages import Desired, NoticeCard, Notices, PaperKind
from schedules.wire.signing import Signer
from tests.contentserver.conftest import enrolled_box

AT = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


def _notices(*titles: str) -> Notices:
    return Notices(
        version="",
        notices=tuple(
            NoticeCard(id=title, version=1, title=title, text="字", issuer="县", published_at=AT, valid_from=AT)
            for title in titles
        ),
    )


def test_a_paper_is_found_as_it_was_laid_out(session: Session, village: Station) -> None:
    assert papers.versions(session, [village.id])[village.id] == {}
    assert papers.of_kind(session, village.id, "notices") is None
    assert papers.lay_out(session, PaperKind.NOTICES, {village.id: _notices("一")}) == 1
    found = papers.of_kind(session, village.id, "notices")
    assert found is not None
    version, body = found
    assert papers.versions(session, [village.id])[village.id] == {"notices": version}
    assert decode(body, Notices) == msgspec.structs.replace(_notices("一"), version=version)


def test_the_same_again_changes_nothing_and_another_one_does(session: Session, village: Station) -> None:
    papers.lay_out(session, PaperKind.NOTICES, {village.id: _notices("一")})
    before = papers.versions(session, [village.id])[village.id]
    assert papers.lay_out(session, PaperKind.NOTICES, {village.id: _notices("一")}) == 0
    assert papers.versions(session, [village.id])[village.id] == before
    assert papers.lay_out(session, PaperKind.NOTICES, {village.id: _notices("一", "二")}) == 1
    assert papers.versions(session, [village.id])[village.id] != before
    assert papers.lay_out(session, PaperKind.NOTICES, {village.id: _notices("一")}) == 1
    assert papers.versions(session, [village.id])[village.id] == before


def test_a_station_that_is_left_out_has_none_any_more_of_this_kind_alone(session: Session, village: Station) -> None:
    papers.lay_out(session, PaperKind.NOTICES, {village.id: _notices("一")})
    papers.lay_out(session, PaperKind.MARKET, {})
    assert list(papers.versions(session, [village.id])[village.id]) == ["notices"]
    assert papers.lay_out(session, PaperKind.NOTICES, {}) == 1
    assert papers.versions(session, [village.id])[village.id] == {}


def test_boxes_are_told_of_another_version(session: Session, village: Station, signer: Signer) -> None:
    box = enrolled_box(session, village)
    boxes.refresh_desired(session, box, signer)
    papers.lay_out(session, PaperKind.NOTICES, {village.id: _notices("一")})
    assert boxes.refresh_desired(session, box, signer)
    assert _told(box).papers == papers.versions(session, [village.id])[village.id]
    assert not boxes.refresh_desired(session, box, signer)


def _told(box: Box) -> Desired:
    return msgspec.json.decode(box.desired_fingerprint, type=Desired)
