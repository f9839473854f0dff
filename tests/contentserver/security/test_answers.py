"""What every answer carries: content policy, frames, TLS, cookies. Callers are slowed down, cut short, led nowhere."""

import re
from pathlib import Path

import pytest
from flask import Flask, redirect, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from contentserver.app import Services, create_app
from contentserver.kernel import http, scoping
from tests.contentserver.security.house import STAFF, addresses, entered, token_in
from tests.serving import PASSWORD

INLINE = re.compile(r"<script(?![^>]*(\bsrc=|application/json))[^>]*>|<style|\sstyle=|\son[a-z]+=\"|javascript:", re.I)
EVIL = "evil.example"


def policy_broken(answer: TestResponse) -> list[str]:
    """What an answer lacks."""
    policy = answer.headers.get("Content-Security-Policy", "")
    wanted = ("script-src 'self';", "style-src 'self';", "object-src 'none'", "base-uri 'none'", "form-action 'self'")
    missing = [part for part in (*wanted, "frame-ancestors 'none'") if part not in policy]
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        missing.append("nosniff")
    if answer.headers.get("X-Frame-Options") != "DENY":
        missing.append("frame")
    if "unsafe" in policy or "*" in policy:
        missing.append("unsafe")
    if answer.mimetype == "text/html" and INLINE.search(answer.get_data(as_text=True)):
        missing.append("inline")
    return missing


def weak_pages(app: Flask) -> dict[str, list[str]]:
    """Every page that lacks something, signed in and not."""
    found = {}
    for client in (entered(app), app.test_client()):
        for rule, address in addresses(app, "GET"):
            if rule.endpoint.endswith("stream") or rule.endpoint == "static":
                continue
            answer = client.get(address)
            if lacks := policy_broken(answer):
                found[address] = lacks
    return found


def test_every_page_keeps_the_content_policy_and_is_in_no_frame(app: Flask) -> None:
    http.limiter.enabled = False
    assert weak_pages(app) == {}


@pytest.mark.parametrize(
    ("answer", "lacks"),
    [
        (lambda: ("x", {"Content-Security-Policy": http.CONTENT_SECURITY_POLICY + "; script-src *"}), "unsafe"),
        (lambda: ("x", {"Content-Security-Policy": "default-src 'self'"}), "frame-ancestors 'none'"),
        (lambda: ("x", {"X-Frame-Options": "SAMEORIGIN"}), "frame"),
        (lambda: ("x", {"X-Content-Type-Options": "no"}), "nosniff"),
        (lambda: "<script>1</script>", "inline"),
        (lambda: "<p style='x'>", "inline"),
        (lambda: '<p onclick="x">', "inline"),
    ],
)
def test_it_is_seen_when_a_page_lacks_something(app: Flask, answer: object, lacks: str) -> None:
    app.add_url_rule("/weak", "weak", answer)  # type: ignore[arg-type]  # a view
    assert lacks in policy_broken(app.test_client().get("/weak"))


SECURE = {"X-Forwarded-Proto": "https"}


def cookie_weak(client: FlaskClient, headers: dict[str, str]) -> set[str]:
    """What the cookie of signing in lacks."""
    page = client.get("/sign-in", headers=headers).get_data(as_text=True)
    form = {"username": STAFF, "password": PASSWORD, "csrf_token": token_in(page)}
    answer = client.post("/sign-in", data=form, headers={**headers, "Referer": "https://localhost/sign-in"})
    cookie = answer.headers["Set-Cookie"]
    return {mark for mark in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/") if mark not in cookie}


def test_cookies_are_for_this_server_alone(app: Flask) -> None:
    assert cookie_weak(app.test_client(), SECURE) == set()
    assert cookie_weak(app.test_client(), {}) == {"Secure"}


@pytest.mark.parametrize(
    ("setting", "value", "mark"),
    [("SESSION_COOKIE_HTTPONLY", False, "HttpOnly"), ("SESSION_COOKIE_SAMESITE", None, "SameSite=Lax")],
)
def test_it_is_seen_when_a_cookie_is_weak(app: Flask, setting: str, value: object, mark: str) -> None:
    app.config[setting] = value
    assert mark in cookie_weak(app.test_client(), SECURE)


def test_who_came_by_tls_comes_by_tls_for_a_year(app: Flask) -> None:
    assert app.test_client().get("/sign-in", headers=SECURE).headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in app.test_client().get("/sign-in").headers


def times_until_slowed(client: FlaskClient, method: str, address: str, most: int, **given: object) -> int:
    """After how many times a caller is told to wait; 0 for never."""
    for number in range(1, most + 1):
        if client.open(address, method=method, **given).status_code == 429:  # type: ignore[arg-type]
            return number
    return 0


LIMITED = [
    ("POST", "/sign-in", 61),
    ("POST", "/sign-in/code", 61),
    ("GET", "/invitation/x", 61),
    ("POST", "/invitation/x", 61),
    ("POST", "/api/v1/enrolments", 121),
    ("GET", "/verify/x", 61),
    ("GET", "/audit/heads", 61),
    ("GET", "/api/v1/figures", 121),
]


@pytest.mark.parametrize(("method", "address", "after"), LIMITED)
def test_whoever_tries_again_and_again_is_slowed_down(app: Flask, method: str, address: str, after: int) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    assert 0 < times_until_slowed(app.test_client(), method, address, after + 5) <= after + 1


def test_it_is_seen_when_nobody_is_slowed_down(services: Services) -> None:
    app = create_app(services.settings, services)
    app.config["WTF_CSRF_ENABLED"] = False
    http.limiter.enabled = False
    assert times_until_slowed(app.test_client(), "POST", "/sign-in", 70) == 0


def test_a_body_that_is_too_large_is_refused_and_without_its_limit_it_would_not(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    for status in (413, 422):
        body = b"password=&username=" + b"x" * 17_000_000
        kind = "application/x-www-form-urlencoded"
        assert app.test_client().post("/sign-in", data=body, content_type=kind).status_code == status
        app.config["MAX_CONTENT_LENGTH"] = None


def leads_outside(app: Flask) -> set[str]:
    """Where somebody is led to from an address of somebody else's making."""
    outside = set()
    for wish in (f"https://{EVIL}/", f"//{EVIL}/", f"\\\\{EVIL}", f"/\\{EVIL}", f"https:{EVIL}", f"\t//{EVIL}"):
        client = app.test_client()
        token = token_in(client.get("/sign-in").get_data(as_text=True))
        form = {"username": STAFF, "password": PASSWORD, "csrf_token": token}
        answers = [
            client.post("/sign-in", query_string={"next": wish}, data=form),
            client.post("/language/en", data={"csrf_token": token}, headers={"Referer": wish}),
        ]
        outside |= {answer.location for answer in answers if answer.location and _is_outside(answer.location)}
    return outside


def _is_outside(location: str) -> bool:
    plain = location.strip().replace("\\", "/")
    return plain.startswith("//") or (":" in plain.partition("/")[0])


def test_nobody_is_led_to_another_server(app: Flask) -> None:
    assert leads_outside(app) == set()


def test_it_is_seen_when_somebody_is_led_outside(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "local_path", lambda address: address or "/")
    assert leads_outside(app)


def names_host(app: Flask) -> set[str]:
    """Pages that believe the host that a caller names, where they write whole addresses."""
    client, found = entered(app), set()
    for rule, address in addresses(app, "GET"):
        if rule.endpoint.endswith("stream") or rule.endpoint == "static":
            continue
        answer = client.get(address, headers={"Host": EVIL})
        if EVIL in answer.get_data(as_text=True) or EVIL in (answer.location or ""):
            found.add(rule.endpoint)
    return found


def test_no_page_repeats_the_host_that_a_caller_names(app: Flask) -> None:
    http.limiter.enabled = False
    assert names_host(app) == set()


def test_it_is_seen_when_a_page_repeats_the_host(services: Services) -> None:
    app = create_app(services.settings, services)
    app.add_url_rule("/echo", "echo", lambda: redirect(request.host_url))
    app.view_functions = {name: view if name in NEEDED else _blank for name, view in app.view_functions.items()}
    assert names_host(app) == {"echo"}


NEEDED = {"echo", "accounts.sign_in", "accounts.sign_in_submitted"}


def _blank(**_parts: object) -> str:
    return ""


UP = (
    "../../server.db",
    "..%2f..%2fkey.jwk",
    "%2e%2e/%2e%2e/key.jwk",
    "....//key.jwk",
    "/etc/passwd",
    "%2fetc%2fpasswd",
)


def climbs(app: Flask, roots: tuple[str, ...]) -> set[str]:
    """Files outside of a folder that somebody gets."""
    client = entered(app)
    return {f"{root}{way}" for root in roots for way in UP if client.get(root + way).status_code == 200}


def test_nobody_climbs_out_of_a_folder(app: Flask) -> None:
    roots = ("/static/", "/media/x/", "/media/", "/api/v1/packages/", "/api/v1/box/release/", "/uploads/")
    assert climbs(app, roots) == set()


def test_it_is_seen_when_somebody_climbs_out_of_a_folder(services: Services) -> None:
    app = create_app(services.settings, services)
    secret = Path(services.settings.signing_key_file).parent

    def naive(path: str) -> bytes:
        return (secret / "a" / "b" / path).read_bytes() if (secret / "a" / "b" / path).exists() else b""

    scoping.free(app, "path", at=("naive",), because="a folder that is open to everybody")
    app.add_url_rule("/naive/<path:path>", "naive", lambda path: naive(path) or ("", 404))
    (secret / "a" / "b").mkdir(parents=True, exist_ok=True)
    (secret / "server.db").touch()
    assert climbs(app, ("/naive/",))
