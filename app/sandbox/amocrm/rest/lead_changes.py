"""What a POST or PATCH body of a lead means: validated first, applied afterwards as one action."""

from dataclasses import dataclass, field

from app.sandbox.amocrm import field_values
from app.sandbox.amocrm.account import Account
from app.sandbox.amocrm.model import LOST, WON, CustomField, Lead, Refused
from app.sandbox.amocrm.rest.caller import Caller
from app.sandbox.amocrm.rest.wire import Invalid, Json, request_id, text, whole

NOT_A_CHOICE = "The value you selected is not a valid choice."


@dataclass
class LeadChange:
    """A checked body. `place` is (pipeline, status) or None; `tags` replaces the whole set."""

    by: int
    at: float | None = None
    name: str | None = None
    price: int | None = None
    responsible_user_id: int | None = None
    place: tuple[int, int] | None = None
    loss_reason_id: int | None = None
    closed_at: int | None = None
    fields: dict[int, object] = field(default_factory=dict)
    tags: list[str] | None = None
    tags_to_add: list[str] = field(default_factory=list)
    tags_to_delete: list[str] = field(default_factory=list)


def read(account: Account, who: Caller, row: Json, index: int, lead: Lead | None) -> LeadChange:
    """Check one body against the account; `lead` is None for a new one. Raises Invalid."""
    by = whole(row, "updated_by" if lead else "created_by", index)
    change = LeadChange(by=who.user_id if by is None else by)
    change.name, change.price = text(row, "name", index), whole(row, "price", index)
    change.closed_at = whole(row, "closed_at", index)
    change.loss_reason_id = whole(row, "loss_reason_id", index)
    moment = whole(row, "updated_at" if lead else "created_at", index)
    change.at = None if moment is None else float(moment)
    change.responsible_user_id = whole(row, "responsible_user_id", index)
    if change.responsible_user_id and change.responsible_user_id not in account.users:
        raise _invalid(row, index, "NotSupportedChoice", "responsible_user_id", NOT_A_CHOICE)
    change.place = _place(account, row, index, lead)
    _check_place(account, who, change, row, index, lead)
    change.fields = field_changes(account, "leads", row, index)
    embedded = row.get("_embedded")
    if isinstance(embedded, dict) and "tags" in embedded:
        change.tags = tag_names(account, embedded["tags"])
    change.tags_to_add = tag_names(account, row.get("tags_to_add"))
    change.tags_to_delete = tag_names(account, row.get("tags_to_delete"))
    return change


def _place(account: Account, row: Json, index: int, lead: Lead | None) -> tuple[int, int] | None:
    pipeline_id, status_id = whole(row, "pipeline_id", index), whole(row, "status_id", index)
    if pipeline_id is None and status_id is None and lead is not None:
        return None
    if pipeline_id is None:
        pipeline_id = _pipeline_for(account, status_id, lead)
    pipeline = account.pipelines.get(pipeline_id)
    if pipeline is None:
        raise _invalid(row, index, "NotSupportedChoice", "pipeline_id", NOT_A_CHOICE)
    if status_id is None:
        stages = [stage for stage in pipeline.statuses.values() if stage.type == 0]
        status_id = min(stages, key=lambda stage: stage.sort).id
    if status_id not in pipeline.statuses:
        raise _invalid(row, index, "NotSupportedChoice", "status_id", NOT_A_CHOICE)
    return pipeline_id, status_id


def _pipeline_for(account: Account, status_id: int | None, lead: Lead | None) -> int:
    """The pipeline that a status given alone means; 142 and 143 repeat and so mean the current one."""
    main = next(line.id for line in account.pipelines.values() if line.is_main)
    current = lead.pipeline_id if lead else main
    if status_id is None or status_id in {WON, LOST} or not account.faults.status_alone_moves_pipeline:
        return current
    owners = [line.id for line in account.pipelines.values() if status_id in line.statuses]
    return owners[0] if owners else current


def _check_place(
    account: Account, who: Caller, change: LeadChange, row: Json, index: int, lead: Lead | None
) -> None:
    try:
        if lead is None and change.place:
            if change.loss_reason_id is not None and change.place[1] != LOST:
                raise Refused(
                    "InvalidValue", "Loss reason can be specified only for lost lead", "loss_reason_id"
                )
        elif lead is not None:
            pipeline_id, status_id = change.place or (lead.pipeline_id, lead.status_id)
            if (pipeline_id, status_id) != (lead.pipeline_id, lead.status_id):
                account.check_move(lead, pipeline_id, status_id, change.loss_reason_id, who.origin)
            elif change.loss_reason_id is not None and status_id != LOST:
                raise Refused(
                    "InvalidValue", "Loss reason can be specified only for lost lead", "loss_reason_id"
                )
    except Refused as refused:
        path = refused.path or "status_id"
        raise _invalid(row, index, refused.code, path, refused.detail) from None


def field_changes(account: Account, entity: str, row: Json, index: int) -> dict[int, object]:
    """custom_fields_values of a body, by field id. Raises Invalid with dotted paths."""
    given = row.get("custom_fields_values")
    changes: dict[int, object] = {}
    if given is None:
        return changes
    if not isinstance(given, list):
        raise _invalid(
            row, index, "InvalidType", "custom_fields_values", "This value should be of type array."
        )
    for position, item in enumerate(given):
        path = f"custom_fields_values.{position}"
        known = _field_of(account, entity, item)
        if known is None:
            raise _invalid(row, index, "NotSupportedChoice", f"{path}.field_id", NOT_A_CHOICE)
        values = item.get("values")
        try:
            field_values.stored(known, values)
        except Refused as refused:
            raise _invalid(row, index, refused.code, f"{path}.{refused.path}", refused.detail) from None
        changes[known.id] = values
    return changes


def _field_of(account: Account, entity: str, item: object) -> CustomField | None:
    if not isinstance(item, dict):
        return None
    if item.get("field_id") is not None:
        known = account.fields.get(item["field_id"])
        return known if known and known.entity == entity else None
    code = item.get("field_code")
    return account.field_by_code(entity, str(code)) if code else None


def tag_names(account: Account, given: object) -> list[str]:
    """Names of tags given as `[{name}|{id}]`; null means none."""
    names: list[str] = []
    for item in given if isinstance(given, list) else []:
        if isinstance(item, dict) and item.get("name"):
            names.append(str(item["name"]))
        elif isinstance(item, dict) and item.get("id") in account.tags:
            names.append(account.tags[item["id"]].name)
    return names


def apply(account: Account, who: Caller, lead: Lead, change: LeadChange) -> None:
    """Carry out a checked change as one action: one update hook, whatever it touches."""
    by, origin = change.by, who.origin
    with account.batch():
        account.edit_lead(
            lead.id,
            by=by,
            name=change.name,
            price=change.price,
            responsible_user_id=change.responsible_user_id,
            origin=origin,
        )
        for field_id, value in change.fields.items():
            account.set_field("leads", lead.id, field_id, value, by=by, origin=origin)
        _apply_tags(account, lead, change, origin)
        if change.place:
            pipeline_id, status_id = change.place
            account.move_lead(
                lead.id, status_id, pipeline_id, by=by, loss_reason_id=change.loss_reason_id, origin=origin
            )
        elif change.loss_reason_id is not None:
            lead.loss_reason_id = change.loss_reason_id
        if change.closed_at is not None:
            lead.closed_at = change.closed_at
        account.tell("update_lead", lead.id, by=by, at=account.now(), origin=origin)


def _apply_tags(account: Account, lead: Lead, change: LeadChange, origin: str) -> None:
    wanted, unwanted = change.tags_to_add, change.tags_to_delete
    if change.tags is not None:
        current = [account.tags[number].name for number in lead.tags]
        unwanted = [*unwanted, *(name for name in current if name not in change.tags)]
        wanted = [*wanted, *change.tags]
    for name in unwanted:
        account.remove_tag("leads", lead.id, name, by=change.by, origin=origin)
    for name in wanted:
        account.add_tag("leads", lead.id, name, by=change.by, origin=origin)


def _invalid(row: Json, index: int, code: str, path: str, detail: str) -> Invalid:
    return Invalid((request_id(row, index), code, path, detail))
