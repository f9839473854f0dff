"""The mirror shows the picture and takes keys from its own page, and from nothing else."""

import io
import re
from collections.abc import Iterator
from queue import SimpleQueue
from threading import Event, Thread

import httpx
import pytest
from PIL import Image

from tvclient.adapters.mirror import Mirror
from tvclient.core.events import Key


class Drawing:
    """A thread that draws whenever the mirror wants a picture."""

    def __init__(self, mirror: Mirror) -> None:
        self.stop = Event()
        self.drawn = 0
        self._thread = Thread(target=self._run, args=(mirror,))
        self._thread.start()

    def _run(self, mirror: Mirror) -> None:
        while not self.stop.wait(0.01):
            if mirror.frames.wanted:
                self.drawn += 1
                mirror.frames.put(Image.new("RGB", (64, 36), (self.drawn % 256, 20, 30)))

    def close(self) -> None:
        self.stop.set()
        self._thread.join()


@pytest.fixture
def keys() -> SimpleQueue[Key]:
    return SimpleQueue()


@pytest.fixture
def mirror(keys: SimpleQueue[Key]) -> Iterator[Mirror]:
    mirror = Mirror(0, keys.put)
    yield mirror
    mirror.close()


@pytest.fixture
def drawing(mirror: Mirror) -> Iterator[Drawing]:
    drawing = Drawing(mirror)
    yield drawing
    drawing.close()


@pytest.fixture
def browser(mirror: Mirror) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=mirror.address, trust_env=False, timeout=10) as client:
        yield client


def test_one_exact_picture(browser: httpx.Client, drawing: Drawing) -> None:
    answer = browser.get("/frame.png")
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(answer.content)).size == (64, 36)
    assert drawing.drawn == 1


def test_live_pictures_only_while_somebody_watches(browser: httpx.Client, drawing: Drawing) -> None:
    with browser.stream("GET", "/live") as answer:
        seen = b""
        for piece in answer.iter_raw():
            seen += piece
            if seen.count(b"Content-Type: image/jpeg") >= 3:
                break
    assert answer.headers["content-type"].startswith("multipart/x-mixed-replace")
    assert drawing.drawn >= 3


def test_the_page_presses_keys_with_its_token(browser: httpx.Client, keys: SimpleQueue[Key]) -> None:
    page = browser.get("/")
    token = re.search(r'name="mirror-token" content="([\w-]+)"', page.text)
    assert token
    assert "{" + "token}" not in page.text
    assert "unsafe-inline" not in page.headers["content-security-policy"]
    assert browser.post("/key/green", headers={"X-Mirror-Token": token[1]}).status_code == 204
    assert keys.get(timeout=5) is Key.GREEN


@pytest.mark.parametrize(
    "headers", [{}, {"X-Mirror-Token": ""}, {"X-Mirror-Token": "wrong"}, {"X-Mirror-Token": "é".encode()}]
)
def test_no_key_without_the_token(browser: httpx.Client, keys: SimpleQueue[Key], headers: dict[str, str]) -> None:
    assert browser.post("/key/ok", headers=headers).status_code == 403
    assert keys.empty()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[bad", "192.168.1.1"])
def test_no_answer_under_another_name(browser: httpx.Client, mirror: Mirror, keys: SimpleQueue[Key], host: str) -> None:
    headers = {"Host": host, "X-Mirror-Token": mirror.token}
    for answer in (browser.get("/", headers=headers), browser.post("/key/ok", headers=headers)):
        assert answer.status_code == 421
        assert mirror.token not in answer.text
    assert keys.empty()


@pytest.mark.parametrize("path", ["/key/", "/key/nothing", "/key/../key/ok", "/ok", "/key/OK"])
def test_unknown_keys_are_refused(browser: httpx.Client, mirror: Mirror, keys: SimpleQueue[Key], path: str) -> None:
    request = httpx.Request("POST", mirror.address.rstrip("/") + path, headers={"X-Mirror-Token": mirror.token})
    status = browser.send(request).status_code
    assert (status == 204) == (request.url.path == "/key/ok")
    assert keys.empty() == (status != 204)


def test_no_key_by_get(browser: httpx.Client, keys: SimpleQueue[Key]) -> None:
    assert browser.get("/key/ok").status_code == 404
    assert keys.empty()
