"""Opens pages in a real Chromium, which reaches nothing but this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, Route, sync_playwright

LOCAL = ("127.0.0.1", "localhost")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def program() -> str:
    """Return the path of Chromium: `CHROMIUM`, else the first on the PATH.

    Raises:
        FileNotFoundError: there is none.
    """
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser"]
    for name in [*names, "google-chrome"]:
        found = shutil.which(name) if name else None
        if found:
            return found
    raise FileNotFoundError(
        "Chromium was not found: install it (on Debian with 'apt install chromium')"
        " or name it with CHROMIUM=<path>."
    )


class Browser:
    """A running Chromium."""

    def __init__(self, chromium: Chromium) -> None:
        self.chromium = chromium

    @contextlib.contextmanager
    def page(self, **options: Any) -> Iterator[Window]:
        """Open a window of its own, without what other windows have stored.

        Args:
            options: of a Playwright context, as `color_scheme` or `viewport`.
        """
        context = self.chromium.new_context(**options)
        try:
            yield Window(context.new_page())
        finally:
            context.close()


class Window:
    """A page, and what happened in it.

    Attributes:
        page: Playwright's page.
        errors: what the page's scripts raised or wrote as an error.
        requests: the addresses that it asked for, but `file:`, `data:` and `blob:`.
        refused: those of them that are not on this machine; they got no answer.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.refused: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._note)
        page.context.route("**/*", self._answer)

    def _note(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _answer(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in ("http", "https", "ws", "wss"):
            self.requests.append(route.request.url)
            if address.hostname not in LOCAL:
                self.refused.append(route.request.url)
                route.abort()
                return
        route.continue_()


@contextlib.contextmanager
def browsing() -> Iterator[Browser]:
    """Start Chromium and end it."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program(), args=OPTIONS, env={**os.environ}
        )
        try:
            yield Browser(chromium)
        finally:
            chromium.close()
