"""The errors of the port: each one says in a sentence what it means, and the tree is as drawn."""

import inspect
import re

import pytest

from app.crm import errors

CLASSES = [
    item for _, item in inspect.getmembers(errors, inspect.isclass) if item.__module__ == errors.__name__
]


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_every_error_says_what_it_means(error: type[Exception]) -> None:
    text = error.__dict__.get("__doc__") or ""
    assert text.strip().endswith((".", '"'))
    assert len(text.split()) >= 4


@pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)
def test_every_error_stands_in_the_drawn_tree(error: type[Exception]) -> None:
    drawn = re.findall(r"^[│├└─ ]*(\w+)", errors.__doc__ or "", re.MULTILINE)
    assert error.__name__ in drawn


def test_a_lost_answer_is_also_an_unavailable_crm_and_nothing_else_is() -> None:
    assert errors.Unknown.__mro__[1] is errors.Unavailable
    below = [each for each in CLASSES if issubclass(each, errors.Unavailable)]
    assert set(below) == {errors.Unavailable, errors.Unknown}


def test_what_a_delivery_did_wrong_has_a_code_of_its_own() -> None:
    reasons = [each.reason for each in CLASSES if issubclass(each, errors.DeliveryError)]
    assert len(reasons) == len(set(reasons)) == 4


def test_the_vendor_s_words_are_kept_apart_from_the_message() -> None:
    refused = errors.Rejected("phone +7 999")
    assert (refused.vendor_text, str(refused)) == ("phone +7 999", "the CRM refused the call")
    assert "12 s" in str(errors.RateLimited(12))
