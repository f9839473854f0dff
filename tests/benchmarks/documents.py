"""What an office waits for whose archive is full: a hundred thousand documents of a city, in nine years.

Whole pages as a browser gets them, and the search beside looking for the letters in every text.
"""

import logging
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from uuid import UUID

import structlog
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from contentserver import stations
from contentserver.accounts import create_account
from contentserver.app import Services, create_app
from contentserver.documents import addressing, listing
from contentserver.documents.models import Document, DocumentRecipient, DocumentRegion, DocumentWords
from contentserver.kernel import clock
from contentserver.kernel.auth import Person, Role
from contentserver.kernel.ids import new_id
from contentserver.kernel.pagination import paginate
from contentserver.kernel.searching import words_of
from contentserver.stations import Station
from tests.benchmarks.measure import Result, ratio, result, seconds
from tests.serving import import_regions, services_in

CITY, COUNTY, TOWNSHIP, VILLAGE = "6402", "640221", "640221203", "640221203205"
PASSWORD = "a long password"
DOCUMENTS, AT_ONCE, GOAL_S = 100_000, 2_000, 0.3
WHOLE = 25
"""Every so many documents go to every station of the issuer's region, the others to the stations of a township."""
MATTERS = (
    "做好秋冬种工作",
    "清理水渠",
    "核对低保名单",
    "森林草原防火",
    "组织收看远程教育节目",
    "报送土壤墒情",
    "枸杞补贴",
)
BODIES = (
    "请各村摸清面积，按期上报，不得漏报、重报；数字由村委会主任签字，站点管理员存档备查。",
    "由站点管理员负责，三个工作日内回复；确有困难的，写明原因，报乡远程教育办公室。",
    "会议在乡政府二楼召开，请准时参加，带上本季度的台账和签到记录，会后现场答疑。",
    "各村要利用晚间课程前的十分钟播放通知，让在家的党员群众都知道，播放情况记入工作台账。",
    "经费由县财政列支，专款专用，按季度公示；群众有疑问的，由驻村干部当场解释。",
    "县里将在月底抽查三个乡镇、六个村，抽查结果通报，并作为年底考核的依据。",
)
SENTENCES = 16
"""Of a document: seven hundred characters, a page on paper."""
RARE, RARE_EVERY = "水权交易试点", 2_000
PEOPLE = (
    ("county", Role.COUNTY_STAFF, COUNTY),
    ("township", Role.SCHEDULER, TOWNSHIP),
    ("village", Role.STATION_ADMIN, VILLAGE),
)
PAGES = (
    ("list", "/documents"),
    ("page 100", "/documents?page=100"),
    ("what waits", "/documents?open=1"),
    ("search of a common word", "/documents?q=枸杞补贴"),
    ("search of a rare word", f"/documents?q={RARE}"),
    ("search of a number", "/documents?q=2023-77"),
)


def run(rounds: int, documents: int = DOCUMENTS) -> list[Result]:
    """Seconds of each page for three offices; and what the search costs beside `LIKE`."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="documents-") as name:
        services = services_in(Path(name))
        people = _furnished(services, documents)
        found = []
        app = create_app(services.settings, services)
        for who in people:
            client = app.test_client()
            _sign_in(client, who.username)
            for what, path in PAGES:
                found.append(seconds(f"{who.username}: {what}", partial(_get, client, path), rounds, goal=GOAL_S))
        with services.database.reader() as session:
            ours = partial(_found, session, people[0])
            pairs = ratio(ours, partial(_plain, session, people[0]), max(3, rounds // 4))
            found.append(
                result("search of a rare word", pairs, goal=0.2, better="lower", against="the page by LIKE '%…%'")
            )
        services.database.engine.dispose()
    return found


def _found(session: Session, who: Person) -> None:
    listing.documents_seen(session, who, listing.Wanted(words=RARE), 1)


def _plain(session: Session, who: Person) -> None:
    query = select(Document).where(
        addressing.seen_by(who), Document.title.contains(RARE) | Document.text.contains(RARE)
    )
    paginate(session, query.order_by(Document.changed_at.desc(), Document.id.desc()), 1, listing.ROWS, listing.COUNTED)


def _get(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code}")


def _sign_in(client: FlaskClient, username: str) -> None:
    page = client.get("/sign-in").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/sign-in", data={"username": username, "password": PASSWORD, "csrf_token": token})


def _furnished(services: Services, documents: int) -> list[Person]:
    now = clock.now()
    with services.database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, CITY)
        people = []
        for username, role, region in PEOPLE:
            account = create_account(
                session,
                username=username,
                display_name=username,
                password=PASSWORD,
                role=role,
                region_code=region,
                now=now,
            )
            people.append(Person(account.id, username, username, role, region))
    for first in range(0, documents, AT_ONCE):
        with services.database.unit_of_work() as session:
            _fill(session, range(first, min(first + AT_ONCE, documents)), documents, people[0].id)
    return people


def _fill(session: Session, numbers: range, documents: int, writer: UUID) -> None:
    places = [(row.id, row.region_code) for row in session.execute(select(Station.id, Station.region_code))]
    papers, recipients = list[dict[str, object]](), list[dict[str, object]]()
    for one in _papers(numbers, documents, writer):
        papers.append(one)
        recipients += _recipients(one, places)
    session.execute(insert(Document), papers)
    session.execute(
        insert(DocumentRegion), [{"document_id": one["id"], "region_code": one["region_code"]} for one in papers]
    )
    session.execute(insert(DocumentRecipient), recipients)
    session.execute(
        insert(DocumentWords),
        [
            {
                "document_id": one["id"],
                "words": " ".join(words_of(str(one["number"]), str(one["title"]), str(one["text"]))),
            }
            for one in papers
        ],
    )


def _papers(numbers: range, documents: int, writer: UUID) -> Iterator[dict[str, object]]:
    dice, days = Random(numbers.start), 9 * 365
    issuers = (CITY, COUNTY, "640205", "640202", TOWNSHIP)
    for number in numbers:
        sent = datetime(2018, 1, 2, 2, tzinfo=UTC) + timedelta(days=number * days // documents, seconds=number % 3600)
        issuer = issuers[0] if number % WHOLE == 0 else issuers[number % len(issuers)]
        matter = dice.choice(MATTERS)
        yield {
            "id": new_id(),
            "region_code": issuer,
            "state": "sent",
            "number": f"远教〔{sent.year}〕{sent.year}-{number} 号",
            "year": sent.year,
            "place": number,
            "title": f"关于{matter}的通知（{number}）",
            "text": matter
            + "。"
            + (RARE if number % RARE_EVERY == 1 else "")
            + "".join(dice.choices(BODIES, k=SENTENCES)),
            "read_due": date(sent.year, sent.month, sent.day) + timedelta(days=5),
            "reply_due": date(sent.year, sent.month, sent.day) + timedelta(days=9),
            "reply": ("none", "yes_no")[number % 2],
            "written_by": writer,
            "written_at": sent,
            "sent_by": writer,
            "sent_at": sent,
            "changed_at": sent,
        }


def _recipients(paper: dict[str, object], places: list[tuple[UUID, str]]) -> Iterator[dict[str, object]]:
    number, issuer = paper["place"], str(paper["region_code"])
    assert isinstance(number, int)
    inside = [one for one in places if one[1].startswith(issuer)]
    town = inside[number % len(inside)][1][:9]
    for station, place in inside if number % WHOLE == 0 else (one for one in inside if one[1].startswith(town)):
        old = paper["sent_at"] if (hash(station) + number) % 50 else None
        yield {
            "id": new_id(),
            "document_id": paper["id"],
            "region_code": place,
            "station_id": station,
            "received_at": old,
            "read_at": old,
            "read_version": int(old is not None),
            "replied_at": old,
            "owes": old is None,
        }
