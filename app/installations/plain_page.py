"""A page with a sentence for a person, where none of our views can be shown."""

import base64
import hashlib
import html

STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;"
    "max-width:34em;margin:0 auto;padding:24px 16px}"
    "h1{font-size:20px;margin:0 0 8px}p{margin:0}"
)
STYLE_SOURCE = f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
"""How a Content-Security-Policy allows the style of these pages and no other."""

_NOTHING_ELSE = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
ALONE_POLICY = f"default-src 'none'; style-src {STYLE_SOURCE}; {_NOTHING_ELSE}"
"""The policy of a page that stands in a tab of its own."""


def plain_page(language: str, text: str, title: str = "") -> str:
    """The page's HTML in `language` ("ru", "en"); `title` and `text` are plain words, not HTML."""
    heading = f"<h1>{html.escape(title)}</h1>" if title else ""
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Stepgate</title>'
        f"<style>{STYLE}</style>{heading}<p>{html.escape(text)}</p></html>"
    )
