"""What a person does in a browser, over the same HTTP: sign in, upload, approve, plan, publish, read a report.

Forms are posted with the token that their page carries, files go up by tus; no table is touched.
"""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urljoin

import httpx
import msgspec
from resumable_upload import TusClient

from tests.demo.people import PASSWORD, DemoAccount

_TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
CHUNK = 1 << 20
CHECKLIST = ("content", "fit", "readable", "sound", "rights")
"""What a reviewer confirms before signing."""


class Refused(RuntimeError):
    """The server said no; the message is what it told the person."""


class LessonStatus(msgspec.Struct, frozen=True):
    """How a lesson stands, as its page polls it."""

    id: str
    state: str
    stage: str = ""
    fraction: float = 0.0
    eta_s: float | None = None
    error: str = ""
    package: str | None = None


class Planned(msgspec.Struct, frozen=True):
    """A slot in a region's layer."""

    region: str
    slot: str


class Desk:
    """One signed-in person."""

    def __init__(self, url: str, account: DemoAccount) -> None:
        self._url = url
        self._http = httpx.Client(base_url=url, timeout=30, headers={"Accept": "application/json"})
        try:
            self._token = self._find_token("/sign-in")
            self.post("/sign-in", {"username": account.username, "password": PASSWORD})
            self._token = self._find_token("/courses")
        except BaseException:
            self._http.close()
            raise

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_exit: object) -> None:
        """Leave without signing out."""
        self._http.close()

    def page(self, path: str) -> str:
        """A page as a browser would get it.

        Raises:
            Refused: it was not shown.
        """
        answer = self._http.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
        if answer.status_code != 200:
            raise Refused(f"{path}: {answer.status_code}")
        return answer.text

    def status(self, path: str, patience_s: float) -> int:
        """How a page answers; 0 where another page came in its place, such as the one to sign in at."""
        answer = self._http.get(path, headers={"Accept": "text/html"}, follow_redirects=True, timeout=patience_s)
        return answer.status_code if answer.url.path == path.partition("?")[0] else 0

    def post(self, path: str, fields: Mapping[str, str | Sequence[str]]) -> dict[str, object]:
        """Send a form and give back the JSON answer, if any.

        Raises:
            Refused: with the server's sentence.
        """
        answer = self._http.post(path, data={**fields, "csrf_token": self._token})
        if answer.status_code >= 400:
            raise Refused(_sentence(answer))
        if "json" not in answer.headers.get("content-type", ""):
            return {}
        return msgspec.json.decode(answer.content, type=dict[str, object])

    def send(self, path: str, fields: Mapping[str, str | Sequence[str]]) -> str:
        """Send a form that makes something; gives back the path of its page.

        Raises:
            Refused: with the server's sentence.
        """
        answer = self._http.post(path, data={**fields, "csrf_token": self._token})
        if answer.status_code >= 400 or "Location" not in answer.headers:
            raise Refused(_sentence(answer))
        return httpx.URL(answer.headers["Location"]).path

    def look(self, path: str, fields: Mapping[str, str | Sequence[str]], name: str) -> str:
        """Send a form that answers with a page, and give back what a hidden field of it holds.

        Raises:
            Refused: with the server's sentence.
        """
        headers = {"Accept": "text/html"}
        answer = self._http.post(path, data={**fields, "csrf_token": self._token}, headers=headers)
        if answer.status_code >= 400:
            raise Refused(_sentence(answer))
        return hidden_value(answer.text, name)

    def send_file(self, path: str, name: str, data: bytes) -> str:
        """Send a form with a file; gives back the page that answers.

        Raises:
            Refused: with the server's sentence.
        """
        answer = self._http.post(
            path, data={"csrf_token": self._token}, files={"file": (name, data)}, headers={"Accept": "text/html"}
        )
        if answer.status_code >= 400:
            raise Refused(_sentence(answer))
        return answer.text

    def add_course(self, title: str, subject: str, audience: str, region: str) -> str:
        """A new course; gives back its id."""
        fields = {"title": title, "subject": subject, "audience": audience, "region": region}
        return str(self.post("/courses", fields)["id"])

    def upload(self, file: Path, progress: Callable[[float], None]) -> str:
        """Send a file by tus; gives back the upload's id. `progress` gets the fraction sent."""
        cookies = "; ".join(f"{name}={value}" for name, value in self._http.cookies.items())
        client = TusClient(
            urljoin(self._url, "/uploads/"),
            chunk_size=CHUNK,
            headers={"Cookie": cookies, "X-CSRFToken": self._token},
        )
        address = client.upload_file(
            str(file),
            metadata={"filename": file.name},
            progress_callback=lambda stats: progress(stats.uploaded_bytes / max(1, stats.total_bytes)),
        )
        return str(address).rstrip("/").rsplit("/", 1)[1]

    def begin_upload(self, length: int, first: bytes) -> str:
        """Announce a file of `length` bytes and send only its beginning, as a line that breaks off does."""
        answer = self._http.post("/uploads/", headers={**self._tus, "Upload-Length": str(length)})
        address = answer.headers["Location"]
        piece = {**self._tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        self._http.patch(address, headers=piece, content=first)
        return str(address).rstrip("/").rsplit("/", 1)[1]

    def arrived(self, upload: str) -> int:
        """How many bytes of an upload the server has."""
        return int(self._http.head(f"/uploads/{upload}", headers=self._tus).headers["Upload-Offset"])

    @property
    def _tus(self) -> dict[str, str]:
        return {"Tus-Resumable": "1.0.0", "X-CSRFToken": self._token}

    def add_lesson(
        self,
        course: str,
        title: str,
        number: int,
        summary: str,
        upload: str,
        captions: Mapping[str, str],
        sounds: Mapping[str, str] | None = None,
    ) -> str:
        """Make a lesson of finished uploads; gives back its id. Captions and sounds are uploads by their language."""
        fields: dict[str, str | Sequence[str]] = {"title": title, "number": str(number), "summary": summary}
        fields |= {"upload": upload}
        for kind, uploads in (("captions", captions), ("sound", sounds or {})):
            fields |= {f"{kind}_language": list(uploads), f"{kind}_upload": list(uploads.values())}
        return str(self.post(f"/courses/{course}/lessons", fields)["id"])

    def lesson(self, lesson: str) -> LessonStatus:
        """How a lesson stands."""
        return msgspec.json.decode(self._http.get(f"/api/v1/lessons/{lesson}").content, type=LessonStatus)

    def approve(self, lesson: str) -> None:
        """Confirm the checklist of a lesson that somebody else uploaded, and approve it."""
        self.post(f"/lessons/{lesson}/approve", {"tick": CHECKLIST})

    def plan(
        self, region: str, lesson: str, local_start: datetime, rank: str = "regular", repeat: str = "none"
    ) -> Planned:
        """A slot in the draft of a region's layer at a wall-clock time."""
        fields = {
            "region": region,
            "lesson": lesson,
            "date": f"{local_start:%Y-%m-%d}",
            "time": f"{local_start:%H:%M:%S}",
            "rank": rank,
            "repeat": repeat,
            "days": "any",
        }
        return Planned(region, str(self.post("/timetable/slots", fields)["slot"]))

    def unplan(self, planned: Planned) -> None:
        """Take a slot out of its layer's draft."""
        self.post(f"/timetable/{planned.region}/edit", {"do": "remove_slot", "slot": planned.slot})

    def submit(self, region: str) -> None:
        """Ask for another person's word on a region's draft."""
        self.post(f"/timetable/{region}/submit", {})

    def approve_plan(self, region: str) -> int:
        """Give it: the layer is published; gives back the revision."""
        return int(str(self.post(f"/timetable/{region}/approve", {})["revision"]))

    def claim(self, code: str, station: str) -> None:
        """Enter the code that a television shows."""
        self.post("/boxes/claim", {"code": code, "station": station})

    def station_id(self, name: str) -> str:
        """The id of the station with this name, from the choices of the claim form."""
        found = re.search(rf'<option value="([0-9a-f-]{{36}})"[^>]*>\s*{name}', self.page("/boxes/claim"))
        if found is None:
            raise Refused(f"no station {name} to choose")
        return found[1]

    def own_address(self, member: str) -> str:
        """A new address of a member's own record, as it stands on the slip: its path."""
        answer = self._http.post(
            f"/members/{member}/link", data={"csrf_token": self._token}, headers={"Accept": "text/html"}
        )
        found = re.search(r"(/own/[A-Za-z0-9_-]+)", answer.text)
        if found is None:
            raise Refused(_sentence(answer))
        return found[1]

    def _find_token(self, path: str) -> str:
        found = _TOKEN.search(self.page(path))
        if found is None:
            raise Refused(f"no form token on {path}")
        return found[1]


class Seat:
    """A member at their own browser: no account, the address of their own record alone."""

    def __init__(self, url: str, address: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=30, headers={"Accept": "text/html"})
        found = _TOKEN.search(self._http.get(address).text)
        self._token = found[1] if found else ""
        self.send(f"{address}/learn", {})

    def __enter__(self) -> "Seat":
        return self

    def __exit__(self, *_exit: object) -> None:
        """Close the browser."""
        self._http.close()

    def send(self, path: str, fields: Mapping[str, str]) -> str:
        """Send a form; gives back the path of the page to which it leads.

        Raises:
            Refused: it leads nowhere.
        """
        answer = self._http.post(path, data={**fields, "csrf_token": self._token})
        if answer.status_code >= 400 or "Location" not in answer.headers:
            raise Refused(f"{answer.status_code} at {path}")
        return httpx.URL(answer.headers["Location"]).path


def hidden_value(page: str, name: str) -> str:
    """What a hidden field of a page holds.

    Raises:
        Refused: there is no such field.
    """
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    if found is None:
        raise Refused(f"no field {name} on the page")
    return html.unescape(found[1])


def _sentence(answer: httpx.Response) -> str:
    try:
        problem = msgspec.json.decode(answer.content, type=dict[str, object])
    except msgspec.MsgspecError:
        return f"{answer.status_code} at {answer.request.url.path}"
    return str(problem.get("title", answer.status_code))
