"""What axe finds wrong on a page, in the light and in the dark."""

from __future__ import annotations

from importlib.resources import files

from playwright.sync_api import Page


def load_axe(page: Page) -> None:
    """Load axe into the page, which needs it again after each navigation."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))


def violations(page: Page, context: str = "document") -> list[tuple[str, str, list[str]]]:
    """Return the color scheme, the rule and the elements of each violation.

    Nothing but colors differs in the dark. Describing the elements that pass would take longer than
    checking them.

    Args:
        page: The page, with axe.
        context: What to check, as JavaScript that `axe.run` takes.
    """
    found: list[tuple[str, str, list[str]]] = []
    for scheme, rules in (("light", ""), ("dark", ", runOnly: ['color-contrast']")):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        results = page.evaluate(f"axe.run({context}, {{resultTypes: ['violations']{rules}}})")
        found += [
            (scheme, each["id"], [node["html"] for node in each["nodes"]])
            for each in results["violations"]
        ]
    return found
