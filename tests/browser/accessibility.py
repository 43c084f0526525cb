"""What is wrong with a page for people who cannot use it the usual way."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_axe = Axe()
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
# A frame inside the CRM is a part of the CRM's page: landmarks and the first heading are the CRM's.
FRAMED = ("region", "page-has-heading-one")


def faults(page: Page) -> list[str]:
    """Rules that the page breaks, with the places, as one line each; empty when there are none."""
    found = _axe.run(page, options=RULES).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')}"
        for each in found
        if each["id"] not in FRAMED
        for node in each["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
