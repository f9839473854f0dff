"""One sample of every message and every event body, as their golden files hold them.

    python -m tests.schedules.wire.samples

writes the golden files that are missing; one that exists is never touched, because old boxes still send it. A message
that has been given a field gets a further file, `Desired.2.json` beside `Desired.json`.
"""

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from schedules.airings import Airing, AiringId, LayerId, LessonCard, LessonId, PackageName, Rank, SlotId
from schedules.wire import messages as m
from schedules.wire.codec import encode
from schedules.wire.topics import BoxId

GOLDEN = Path(__file__).parents[2] / "golden" / "wire"
AT = datetime(2026, 11, 23, 11, 30, tzinfo=UTC)
LESSON = LessonCard(
    id=LessonId("0197a3c1-0000-7000-8000-000000000001"),
    title="看懂化验单",
    course="测土配方施肥",
    subject="种植",
    number=3,
    summary="氮磷钾怎么看",
)
PACKAGE = PackageName("sha256-" + "ab" * 32)
AIRING_ID = AiringId("5b6f6b2e-6f0c-5c4e-8d1b-7a1f5a9c6402")
AIRING = Airing(
    id=AIRING_ID,
    slot=SlotId("0197a3c1-0000-7000-8000-000000000002"),
    start=AT,
    duration_ms=2_400_000,
    rank=Rank.REGULAR,
    lesson=LESSON,
    package=PACKAGE,
)
LAYER = LayerId("region-640221")
BOX = BoxId(17)
STATION = m.StationCard(
    id="0197a3c1-0000-7000-8000-000000000003", name="马场村", place="一楼活动室", region="640221203205"
)

ALERT = m.Alert(
    id="0197a3c1-0000-7000-8000-000000000006",
    sent=AT,
    effective=AT,
    expires=AT.replace(hour=13),
    headline="冰雹红色预警",
    sender="石嘴山市气象台",
    description="19:50 到 21:30，马场村一带有冰雹。",
    instructions=("马上进屋，关好门窗", "牛羊赶进圈"),
    event="冰雹",
    severity=m.Severity.EXTREME,
    urgency=m.Urgency.IMMEDIATE,
    kind=m.AlertKind.HAIL,
    references=("0197a3c1-0000-7000-8000-000000000007",),
)

BODIES: tuple[m.EventBody, ...] = (
    m.AiringStarted(
        airing=AIRING_ID, planned_start=AT, duration_ms=2_400_000, lesson=LESSON, package=PACKAGE, late_ms=38
    ),
    m.PlaybackSpan(airing=AIRING_ID, lesson=LESSON, package=PACKAGE, from_ms=0, to_ms=15_000, started_at=AT),
    m.AiringEnded(airing=AIRING_ID, complete=True),
    m.AiringMissed(airing=AIRING_ID, lesson=LESSON, reason="not_stored"),
    m.SignedIn(
        airing=AIRING_ID, lesson=LESSON, member="0197a3c1-0000-7000-8000-000000000004", method=m.SignInMethod.NUMBER
    ),
    m.SignInUndone(airing=AIRING_ID, member="0197a3c1-0000-7000-8000-000000000004"),
    m.HeadCounted(airing=AIRING_ID, people=26, phrases=("understood",)),
)

MESSAGES: tuple[m.Message, ...] = (
    *BODIES,
    m.LayerMessage(
        layer=LAYER,
        owner="平罗县",
        depth=2,
        revision=47,
        published_at=AT,
        window_start=AT,
        window_end=AT.replace(month=12, day=7),
        airings=(AIRING,),
    ),
    m.Desired(
        box=BOX,
        version=3,
        station=STATION,
        layers=(LAYER,),
        roster_version="9f2c",
        renditions={PACKAGE: "360p"},
        behind={LAYER: 47},
    ),
    m.Proof(box=BOX, layer=LAYER, revision=47, stored_at=AT, applied=46),
    m.AlertsMessage(layer=LAYER, revision=3, published_at=AT, alerts=(ALERT,)),
    m.Approval(package=PACKAGE, lesson=LESSON, approved_at=AT, approved_by="马晓峰"),
    m.Ack(box=BOX, epoch="e1", generation="g1", through=40, gaps=((43, 44),)),
    m.Roster(
        version="9f2c",
        members=(m.RosterMember(id="0197a3c1-0000-7000-8000-000000000004", name="王*芳", number="0427"),),
    ),
    m.Reported(
        box=BOX,
        epoch="e1",
        at=AT,
        desired_version=3,
        layers={LAYER: m.LayerProof(revision=47, stored_at=AT, applied=True)},
        packages={
            PACKAGE: m.PackageReport(
                state=m.PackageState.STORED,
                stored_bytes=10,
                wanted_bytes=20,
                playable=True,
                missing_bytes=0,
                rendition="360p",
            )
        },
        clock=m.ClockReport(offset_ms=-120, uncertainty_ms=35),
        journal_through=44,
        software="0.1.0",
        line=m.LineReport(kbps=640, measured_at=AT, bytes_today=45_000_000),
        disk=m.DiskReport(free_bytes=8_000_000_000, budget_bytes=16_000_000_000),
        alerts={LAYER: 3},
    ),
    m.Online(online=False),
    m.EventBatch(
        box=BOX,
        epoch="e1",
        events=(
            m.EventRecord(
                sequence=1,
                at=AT,
                uncertainty_ms=35,
                body=msgspec.Raw(encode(m.AiringEnded(airing=AIRING_ID, complete=True))),
            ),
        ),
    ),
    m.EnrolmentRequest(public_key="11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", serial="SN-1", software="0.1.0"),
    m.EnrolmentOffer(
        enrolment="0197a3c1-0000-7000-8000-000000000005",
        claim_code="7K4M-92QP",
        claim_url="http://county.example/boxes/claim?code=7K4M92QP",
        poll_token="poll",
        expires_at=AT,
    ),
    m.EnrolmentState(
        credentials=m.Credentials(
            box=BOX,
            http_token="token",
            broker=m.BrokerAccess(host="county.example", port=1883, username="box-17", password="secret"),
            signing_keys=msgspec.Raw(b'{"keys":[]}'),
        )
    ),
    m.PackageAccess(approval="a.b.c", base="/media/p/", query="?e=1&s=2", expires_at=AT),
    m.ServerTime(received_at=AT, sent_at=AT),
    m.Problem(code="claim_unknown", title="没有电视显示这个编码"),
)


def golden_files(message: m.Message) -> list[Path]:
    """The golden files of a message, the oldest first."""
    name = type(message).__name__
    return sorted(GOLDEN.glob(f"{name}.json")) + sorted(GOLDEN.glob(f"{name}.[0-9].json"))


if __name__ == "__main__":
    for message in MESSAGES:
        known = golden_files(message)
        if not known or known[-1].read_bytes().rstrip(b"\n") != encode(message):
            number = f".{len(known) + 1}" if known else ""
            (GOLDEN / f"{type(message).__name__}{number}.json").write_bytes(encode(message) + b"\n")
