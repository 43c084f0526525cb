"""Field values: what a caller writes turned into what the account stores and shows."""

from collections.abc import Sequence
from datetime import datetime

from app.sandbox.amocrm.model import CustomField, FieldEnum, FieldValue, Refused

SELECT_TYPES = {"select", "multiselect", "radiobutton"}
TYPE_NUMBERS = {
    "text": 1,
    "numeric": 2,
    "checkbox": 3,
    "select": 4,
    "multiselect": 5,
    "date": 6,
    "url": 7,
    "multitext": 8,
    "textarea": 9,
    "radiobutton": 10,
    "streetaddress": 11,
    "smart_address": 13,
    "birthday": 14,
    "legal_entity": 15,
    "date_time": 19,
    "price": 20,
    "tracking_data": 21,
    "monetary": 24,
}


def stored(field: CustomField, value: object) -> list[FieldValue]:
    """Values in the account's own form: a list of maps, empty for None or an empty text.

    `value` is a scalar, a list of scalars, or a list of `{value|enum_id|enum_code}` maps as
    the API takes them. Raises Refused (NotSupportedChoice, FieldNotExpected or InvalidType).
    """
    if value is None or value in ("", []):
        return []
    items: Sequence[object] = value if isinstance(value, list | tuple) else [value]
    kept = [_one(field, item, index) for index, item in enumerate(items)]
    return [item for item in kept if item.get("value") is not None]


def _one(field: CustomField, item: object, index: int) -> FieldValue:
    raw = item if isinstance(item, dict) else {"value": item}
    path = f"values.{index}"
    if field.type in SELECT_TYPES:
        choice = _choice(field, raw, path)
        return {"value": choice.value, "enum_id": choice.id, "enum_code": choice.code}
    if field.type == "multitext":
        choice = _choice(field, {"enum_id": raw.get("enum_id"), "enum_code": raw.get("enum_code")}, path)
        return {"value": str(raw.get("value", "")), "enum_id": choice.id, "enum_code": choice.value}
    # A value read from a checkbox carries enum_code and is refused when sent back unchanged.
    if "enum_code" in raw or "enum_id" in raw:
        key = "enum_code" if "enum_code" in raw else "enum_id"
        raise Refused("FieldNotExpected", "This field was not expected.", f"{path}.{key}")
    return {"value": _scalar(field, raw.get("value"), f"{path}.value")}


def _scalar(field: CustomField, value: object, path: str) -> object:
    if value is None:
        return None
    if isinstance(value, dict | list):
        raise Refused("InvalidType", "This value should be of type string.", path)
    if field.type == "checkbox":
        if value not in {True, False, "0", "1"}:
            raise Refused("InvalidType", "This value should be of type bool.", path)
        return value in {True, "1"}
    if field.type in {"date", "date_time"}:
        return _moment(value, path)
    if field.type in {"numeric", "monetary", "price"}:
        return _number(value, path)
    return str(value)


def _moment(value: object, path: str) -> int:
    """Unix seconds, given as such or as RFC 3339."""
    try:
        return int(str(value))
    except ValueError:
        pass
    try:
        return int(datetime.fromisoformat(str(value)).timestamp())
    except ValueError:
        raise Refused("InvalidType", "This value should be a date.", path) from None


def _number(value: object, path: str) -> str:
    text = str(value).replace(",", ".")
    try:
        float(text)
    except ValueError:
        raise Refused("InvalidType", "This value should be of type numeric.", path) from None
    return text.removesuffix(".0")


def _choice(field: CustomField, raw: dict[str, object], path: str) -> FieldEnum:
    for enum in field.enums:
        codes = {enum.code, enum.value} if field.type == "multitext" else {enum.code}
        if raw.get("enum_id") is not None:
            if str(raw["enum_id"]) == str(enum.id):
                return enum
        elif raw.get("enum_code") is not None:
            if raw["enum_code"] in codes - {None}:
                return enum
        elif field.type == "multitext" or raw.get("value") == enum.value:
            return enum
    raise Refused("NotSupportedChoice", "The value you selected is not a valid choice.", path)


def as_event(field: CustomField, values: list[FieldValue]) -> list[dict[str, object]]:
    """The value_before / value_after form of the events log."""
    return [
        {
            "custom_field_value": {
                "field_id": field.id,
                "field_type": TYPE_NUMBERS.get(field.type, 1),
                "enum_id": value.get("enum_id"),
                "text": as_text(value.get("value")),
            }
        }
        for value in values
    ]


def as_text(value: object) -> str:
    """A value as hooks and the log print it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else str(value)


def as_api(field: CustomField, values: list[FieldValue]) -> dict[str, object]:
    """The custom_fields_values item of REST answers.

    Checkboxes carry an enum_code on reading that writing refuses, as the real account does.
    """
    shown = [dict(value) for value in values]
    if field.type == "checkbox":
        shown = [{**value, "enum_code": None} for value in shown]
    return {
        "field_id": field.id,
        "field_name": field.name,
        "field_code": field.code,
        "field_type": field.type,
        "values": shown,
    }
