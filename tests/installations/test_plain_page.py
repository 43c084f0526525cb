"""Pages with a sentence: readable in light and dark, and their policy lets exactly their style in."""

import base64
import hashlib
import re

from app.installations.plain_page import ALONE_POLICY, STYLE_SOURCE, plain_page


def test_the_policy_allows_the_pages_own_style() -> None:
    style = re.search("<style>(.*?)</style>", plain_page("ru", "Подождите минуту."))
    assert style is not None
    seal = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"'sha256-{seal}'" == STYLE_SOURCE
    assert STYLE_SOURCE in ALONE_POLICY
    assert "color-scheme:light dark" in style[1]


def test_words_are_no_html() -> None:
    page = plain_page("en", "<b>1 & 2</b>", "<i>")
    assert "<h1>&lt;i&gt;</h1><p>&lt;b&gt;1 &amp; 2&lt;/b&gt;</p>" in page
