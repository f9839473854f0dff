"""How pages may look: their languages and colours, and how a browser chooses them."""

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page

if TYPE_CHECKING:
    from tests.contentserver.pages.conftest import Watched

every_look = pytest.mark.parametrize(
    ("scheme", "language"), [("dark", "zh_CN"), pytest.param("light", "en", marks=pytest.mark.long)]
)
"""The two that have nothing in common; the second one before a release."""


def read_in(page: Page, language: str = "en") -> None:
    """Choose a language at the head of the page, and wait for it: who goes elsewhere at once may break the answer off.

    Args:
        page: one that has the choice.
        language: as the page's `lang` has it, `en` or `zh-CN`.
    """
    page.click(f"button[lang={language}]")
    page.locator(f"html[lang={language}]").wait_for(state="attached")


def english(watched: "Watched", username: str) -> Page:
    """Somebody sits down at the browser, signs in and reads in English; the page they are on."""
    watched.page.context.clear_cookies()
    watched.sign_in(username)
    if watched.page.get_attribute("html", "lang") != "en":
        read_in(watched.page)
    return watched.page
