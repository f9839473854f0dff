"""The imagined year, a short one: taken in whole, planned and held, and nowhere to be mistaken for a real one."""

from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import func, select

from contentserver import figures, stations
from contentserver.attendance.models import EventRow, QuarantinedEvent, SessionRow, SignInRow
from contentserver.kernel.auth import Role
from contentserver.members import Member
from contentserver.regions import Region
from contentserver.stations import Station
from tests.contentserver.conftest import NOW
from tests.demo.year import LABEL, imagine
from tests.serving import hire, import_regions, services_in

TODAY = date(2026, 3, 25)
VILLAGES = 6


def test_a_year_is_planned_held_and_labelled(tmp_path: Path) -> None:
    services = services_in(tmp_path)
    database = services.database
    with database.unit_of_work() as session:
        import_regions(session)
        stations.add_village_stations(session, "6402")
        hire(session, {"ma": ("马晓峰", Role.REVIEWER, "6402")}, NOW)
    taken = imagine(database, services.signer, VILLAGES, 35, TODAY, lambda _line: None)
    with database.unit_of_work() as session:
        assert taken == session.scalar(select(func.count()).select_from(EventRow))
        assert session.scalar(select(func.count()).select_from(QuarantinedEvent)) == 0
        held = figures.figures_of(session, ["6402"], TODAY - timedelta(days=60), TODAY)["6402"].sums
        sessions = session.scalar(select(func.count()).select_from(SessionRow)) or 0
        assert held.sessions == sessions > VILLAGES * 5
        assert held.planned >= held.held > 0.9 * held.planned > 0
        homes = {str(member): station for member, station in session.execute(select(Member.id, Member.station_id))}
        came = session.execute(select(SignInRow.member_id, SignInRow.station_id)).all()
        assert 0 < sum(homes[member] != station for member, station in came) < len(came) / 10
        for names in (select(Region.name), select(Station.name)):
            assert all(name.endswith(LABEL) for name in session.scalars(names))
        assert figures.rebuild(session).differed == 0
    database.engine.dispose()
