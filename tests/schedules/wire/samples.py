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
    id="0197a3c1-0000-7000-8000-000000000003",
    name="马场村",
    place="一楼活动室",
    region="640221203205",
    stars=4,
    quota_minutes=1200,
)

QUESTION = "0197a3c1-0000-7000-8000-000000000009"
CASE = "0197a3c1-0000-7000-8000-00000000000a"
NOTICE = "0197a3c1-0000-7000-8000-00000000000b"
DOCUMENT = "0197a3c1-0000-7000-8000-00000000000d"

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
    m.SegmentDamaged(
        airing=AIRING_ID, lesson=LESSON, package=PACKAGE, file="720p/seg-00004.m4s", from_ms=24_000, to_ms=30_000
    ),
    m.SignedIn(
        airing=AIRING_ID, lesson=LESSON, member="0197a3c1-0000-7000-8000-000000000004", method=m.SignInMethod.NUMBER
    ),
    m.SignInUndone(airing=AIRING_ID, member="0197a3c1-0000-7000-8000-000000000004"),
    m.HeadCounted(airing=AIRING_ID, people=26, phrases=("understood",)),
    m.StationEntered(station=STATION.id),
    m.QuizAnswered(airing=AIRING_ID, lesson=LESSON, question=QUESTION, version=2, choice=1, turn=3),
    m.QuestionAsked(
        topic="soil",
        sentence="how_much_fertiliser",
        airing=AIRING_ID,
        lesson=LESSON,
        position_ms=754_000,
        member="0197a3c1-0000-7000-8000-000000000004",
    ),
    m.AnswerRead(case=CASE, helped=True),
    m.NoticeRead(notice=NOTICE, version=1),
    m.DocumentRead(document=DOCUMENT, version=2),
    m.DocumentReplied(document=DOCUMENT, version=2, choice=0, answer="yes"),
)

PAPERS: tuple[m.Message, ...] = (
    m.Quizzes(
        version="3c1e",
        questions=(
            m.QuizQuestion(
                id=QUESTION,
                version=2,
                lesson=LESSON.id,
                text="化验单上哪一项最该先看？",
                options=("有机质", "氮", "酸碱度"),
                right=2,
                explanation="酸碱度不对，肥料吃不进去。",
                at_ms=754_000,
                mode=m.QuizMode.EACH,
            ),
        ),
    ),
    m.GreenChannel(
        version="77ab",
        cases=(
            m.CaseCard(
                id=CASE,
                number=12,
                topic="soil",
                question="该上多少肥？",
                asked_at=AT,
                state=m.CaseState.ANSWERED,
                answer="先看化验单，再按一亩 15 公斤上。",
                answered_by="市农技中心 马老师",
                answered_at=AT.replace(day=24),
                lesson=LESSON.id,
                lesson_title=LESSON.title,
                clip=PACKAGE,
                clip_ms=45_000,
                asks_outcome=True,
                files=(
                    m.AnswerFile(kind=m.AnswerFileKind.PHOTO, sha256="cd" * 32, bytes=310_000),
                    m.AnswerFile(kind=m.AnswerFileKind.VOICE, sha256="ef" * 32, bytes=90_000),
                ),
            ),
        ),
        ask="https://yuanjiao.example/join/1ZbQ0n4Yv3mPq8sKfJ2x7w/ask",
    ),
    m.Notices(
        version="e01d",
        notices=(
            m.NoticeCard(
                id=NOTICE,
                version=1,
                title="冬小麦保险开始登记",
                text="每亩自己交 9 元。\n带身份证到村委会登记。",
                issuer="惠农区农业农村局",
                published_at=AT,
                valid_from=AT,
                valid_until=AT.replace(month=12),
                important=True,
            ),
        ),
    ),
    m.Market(
        version="41f0",
        prices=(
            m.PriceLine(
                commodity="玉米",
                market="石嘴山批发市场",
                unit="斤",
                day=AT.date(),
                cents=118,
                before_cents=116,
                days=(114, None, 116, 118),
            ),
        ),
        offers=(
            m.OfferCard(
                id="0197a3c1-0000-7000-8000-00000000000c",
                kind=m.OfferKind.DEMAND,
                title="收玉米秸秆",
                place="马场村",
                until=AT.replace(month=12),
                text="有多少要多少，自己来拉。",
                contact="村委会王主任",
                posted_at=AT,
            ),
        ),
    ),
    m.Documents(
        version="90c2",
        documents=(
            m.DocumentCard(
                id=DOCUMENT,
                version=2,
                title="关于做好秋冬种工作的通知",
                text="请各村摸清面积。\n能否按期完成，请用遥控器答复。",
                issuer="惠农区",
                sent_at=AT,
                number="惠农发〔2026〕12号",
                read_due=AT.date(),
                reply_due=AT.date().replace(month=12),
                reply=m.ReplyWay.KEYS,
                options=("yes", "no"),
                attachments=("面积表.xlsx",),
                read_version=1,
                replied="yes",
                recalled="",
            ),
        ),
    ),
)

HELP = "0197a3c1-0000-7000-8000-000000000008"
COMMANDS: tuple[m.CommandBody, ...] = (
    m.CollectNow(),
    m.TakeScreenshot(),
    m.SetVolume(percent=40),
    m.Restart(),
    m.SendLogs(lines=200),
    m.OfferHelp(helper="县远教办", minutes=10),
    m.PressKey(help=HELP, key="ok"),
    m.EndHelp(help=HELP),
    m.SignInMember(member="0197a3c1-0000-7000-8000-000000000004", undo=True),
)

MESSAGES: tuple[m.Message, ...] = (
    *BODIES,
    *COMMANDS,
    *PAPERS,
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
        fetching=m.FetchRules(quiet_from="08:00", quiet_until="17:30", daily_bytes=2_000_000_000, neighbours=False),
        credential_no=2,
        ended="换了新机顶盒",
        release=m.Release(version="0.3.1", sha256="ab" * 32, bytes=1_400_000, needs="cd" * 32),
        join="https://yuanjiao.example/join/1ZbQ0n4Yv3mPq8sKfJ2x7w",
        keys_no=4,
        papers={"notices": "e01d", "quizzes": "3c1e"},
    ),
    m.Command(
        id=HELP,
        box=BOX,
        issued_at=AT,
        expires_at=AT.replace(hour=12),
        body=msgspec.Raw(encode(m.SetVolume(percent=40))),
    ),
    m.Commands(commands=("a.b.c",)),
    m.Reply(box=BOX, command=HELP, state=m.ReplyState.DONE, at=AT, detail="40"),
    m.TimeQuestion(box=BOX, token="7f"),
    m.TimeAnswer(token="7f", received_at=AT, sent_at=AT),
    m.Proof(box=BOX, layer=LAYER, revision=47, stored_at=AT, applied=46),
    m.AlertsMessage(layer=LAYER, revision=3, published_at=AT, alerts=(ALERT,)),
    m.Approval(package=PACKAGE, lesson=LESSON, approved_at=AT, approved_by="马晓峰", expires_at=AT.replace(year=2027)),
    m.Ack(box=BOX, epoch="e1", generation="g1", through=40, gaps=((43, 44),)),
    m.Roster(
        version="9f2c",
        members=(
            m.RosterMember(id="0197a3c1-0000-7000-8000-000000000004", name="王*芳", number="0427", card="0004127790"),
        ),
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
        clock=m.ClockReport(offset_ms=-120, uncertainty_ms=35, drift_ppm=18.5),
        journal_through=44,
        software="0.1.0",
        line=m.LineReport(kbps=640, measured_at=AT, bytes_today=45_000_000),
        disk=m.DiskReport(free_bytes=8_000_000_000, budget_bytes=16_000_000_000),
        alerts={LAYER: 3},
        credential_no=2,
        journal_waiting=4,
        journal_bytes=32_000_000,
        release="0.3.0-12ab34cd56ef",
        release_given_up="0.3.1-abababababab",
        decoder="vaapi-copy",
        keys_no=4,
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
    m.EnrolmentRequest(
        public_key="11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", serial="SN-1", software="0.1.0", commitment="ab" * 32
    ),
    m.EnrolmentReveal(nonce="cd" * 16),
    m.CredentialRequest(box=BOX, at=AT),
    m.EnrolmentOffer(
        enrolment="0197a3c1-0000-7000-8000-000000000005",
        claim_code="7K4M-92QP",
        claim_url="http://county.example/boxes/claim?code=7K4M92QP",
        poll_token="poll",
        expires_at=AT,
        claim_stem="7K4M9",
        server_nonce="ef" * 16,
    ),
    m.EnrolmentState(
        credentials=m.Credentials(
            box=BOX,
            http_token="token",
            broker=m.BrokerAccess(host="county.example", port=8883, username="box-17", password="secret", tls=True),
            signing_keys=msgspec.Raw(b'{"keys":[]}'),
            credential_no=2,
            authority="-----BEGIN CERTIFICATE-----\n",
            journal_key="hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo",
            keys_no=4,
        )
    ),
    m.SigningKeys(keys_no=4, keys=msgspec.Raw(b'{"keys":[]}')),
    m.StickIndex(
        made_at=AT, layers=(LAYER,), packages=(m.StickPackage(name=PACKAGE, title="看懂化验单", bytes=45_000_000),)
    ),
    m.Shelf(box=BOX, packages={PACKAGE: m.Holding(stored_bytes=4_000_000, wanted=True, fetching=True)}),
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
