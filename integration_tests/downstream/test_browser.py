"""The browser that the other tests look through reaches nothing but this machine."""

from __future__ import annotations

from pathlib import Path

from browser import Browser


def test_a_page_is_rendered_and_reaches_no_other_machine(
    browser: Browser, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<title>a page</title><img src='https://example.invalid/a.png'>"
        "<script>document.title += ', with a script'; throw Error('odd')</script>",
        "utf-8",
    )
    with browser.page() as window:
        window.page.goto(page.as_uri())
        assert window.page.title() == "a page, with a script"
        assert window.refused == ["https://example.invalid/a.png"]
        assert "odd" in window.errors
