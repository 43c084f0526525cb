"""The form parser: whatever arrives, it ends soon with a form or with NotUnderstood."""

from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.crm.adapters.amocrm.brackets import DEPTH, FIELDS, KEY, VALUE, items, parse_form
from app.crm.errors import NotUnderstood


def depth_of(value: object) -> int:
    """How deep a form is nested."""
    return 1 + max(map(depth_of, value.values()), default=0) if isinstance(value, dict) else 0


def test_keys_may_be_encoded_or_not_and_spaces_are_pluses() -> None:
    encoded = b"leads%5Badd%5D%5B0%5D%5Bname%5D=%D0%A2%D0%B5%D1%81%D1%82+1"
    assert parse_form(encoded) == {"leads": {"add": {"0": {"name": "Тест 1"}}}}
    assert parse_form("leads[add][0][name]=Тест+1".encode()) == parse_form(encoded)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"a=50%", "50%"),
        (b"a=%zz+%D0%A2", "%zz Т"),
        (rb"a=C:\x41\n%5C", "C:\\x41\\n\\"),
        (b"a=%26b%3D1", "&b=1"),
        ("a=№%0A".encode(), "№\n"),
    ],
)
def test_a_value_is_decoded_as_forms_are_and_in_no_other_way(body: bytes, value: str) -> None:
    assert parse_form(body) == {"a": value}


def test_an_index_makes_no_list_of_its_size() -> None:
    form = parse_form(b"contacts[add][0][linked_leads_id][108573450][ID]=1")
    assert form["contacts"]["add"]["0"]["linked_leads_id"] == {"108573450": {"ID": "1"}}


def test_empty_brackets_count_on_and_members_keep_the_order_of_arrival() -> None:
    assert items(parse_form(b"a[]=x&a[]=y&a[7]=z")["a"]) == ["x", "y", "z"]
    assert items("text") == []
    assert items(None) == []


def test_a_later_value_replaces_an_earlier_one_and_a_branch_stays() -> None:
    assert parse_form(b"a=1&a=2") == {"a": "2"}
    assert parse_form(b"a[b]=1&a=2") == {"a": {"b": "1"}}
    assert parse_form(b"a=2&a[b]=1") == {"a": {"b": "1"}}


def test_an_empty_body_is_an_empty_form() -> None:
    assert parse_form(b"") == {}


@pytest.mark.parametrize(
    "body",
    [
        b"a=%ff",
        b"\xff=1",
        b"a[=1",
        b"a]=1",
        b"[a]=1",
        b"a[b]c=1",
        b"=1",
        b"a=%00",
        b"a=" + b"x" * (VALUE + 1),
        b"a" * (KEY + 1) + b"=1",
        b"a" + b"[b]" * DEPTH + b"=1",
        b"leads[add][1234567890][id]=1",
        b"&".join(b"a%d=1" % number for number in range(FIELDS + 1)),
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)
def test_what_is_broken_or_too_much_is_not_understood(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        parse_form(body)


def test_the_bounds_themselves_are_allowed() -> None:
    parse_form(b"&".join(b"a%d=1" % number for number in range(FIELDS)))
    parse_form(b"a" + b"[b]" * (DEPTH - 1) + b"=1")
    parse_form(b"a=" + b"x" * VALUE)
    parse_form(b"a" * KEY + b"=1")
    parse_form(b"leads[add][123456789][id]=1")


@given(st.binary(max_size=3000))
def test_arbitrary_bytes_give_a_form_or_not_understood(body: bytes) -> None:
    try:
        form = parse_form(body)
    except NotUnderstood:
        return
    assert depth_of(form) <= DEPTH


PIECES = st.sampled_from(
    ["leads", "[", "]", "[0]", "[id]", "[]", "=", "&", "5", "%5B", "+", "é", "[99999999999]"]
)


@given(st.lists(PIECES, max_size=60))
def test_almost_forms_give_a_form_or_not_understood(pieces: list[str]) -> None:
    try:
        form = parse_form("".join(pieces).encode())
    except NotUnderstood:
        return
    assert depth_of(form) <= DEPTH


NAMES = st.text("abc_", min_size=1, max_size=8)
TREES = st.recursive(
    st.text(max_size=20).filter(lambda text: "\x00" not in text),
    lambda below: st.dictionaries(NAMES, below, min_size=1, max_size=4),
    max_leaves=20,
)


def flat(prefix: str, tree: object) -> list[tuple[str, str]]:
    """A tree as pairs, as PHP writes it."""
    if isinstance(tree, dict):
        return [pair for key, below in tree.items() for pair in flat(f"{prefix}[{key}]", below)]
    return [(prefix, str(tree))]


@given(TREES)
def test_what_was_written_in_brackets_is_read_back(tree: object) -> None:
    pairs = flat("root", tree)
    body = "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in pairs).encode()
    try:
        assert parse_form(body) == {"root": tree}
    except NotUnderstood:
        assert depth_of(tree) >= DEPTH or any(len(key) > KEY for key, _ in pairs)
