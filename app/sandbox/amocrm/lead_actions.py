"""What happens to leads: they are made, moved, edited, tagged, deleted, merged."""

from collections.abc import Iterable, Mapping, Sequence

from app.sandbox.amocrm import field_values
from app.sandbox.amocrm.model import LOST, WON, Contact, CustomField, Lead, Refused
from app.sandbox.amocrm.setup_actions import SetupActions

LOSS_REASON_TEXT = "Loss reason can be specified only for lost lead"


class LeadActions(SetupActions):
    """Changes of leads. `by` is the acting user (0 is a robot), `at` unix seconds (default: now)."""

    def create_lead(
        self,
        *,
        name: str,
        pipeline_id: int,
        status_id: int,
        price: int = 0,
        responsible_user_id: int = 0,
        by: int = 0,
        at: float | None = None,
        contact_ids: Sequence[int] = (),
        company_id: int | None = None,
        fields: Mapping[int, object] | None = None,
        tags: Iterable[str] = (),
        source_name: str | None = None,
        lead_id: int | None = None,
        loss_reason_id: int | None = None,
        origin: str = "ui",
        emit: bool = True,
    ) -> Lead:
        """A new lead, standing in any stage from its first moment: then there is no move in the log.

        Raises Refused for an unknown stage or a bad field value; nothing is stored then.
        """
        self.status(pipeline_id, status_id)
        _check_reason(status_id, loss_reason_id)
        values = {key: self._checked(key, "leads", value) for key, value in (fields or {}).items()}
        moment = self.now() if at is None else at
        second = int(moment)
        number = self.take_id("lead", lead_id)
        lead = Lead(
            number,
            name,
            price,
            pipeline_id,
            status_id,
            responsible_user_id or by,
            by,
            by,
            second,
            second,
            fields={key: value for key, value in values.items() if value},
            company_id=company_id,
            loss_reason_id=loss_reason_id,
            source_name=source_name,
            source_id=self.source_id(source_name),
            stage_since=moment,
            tags=[self.tag("leads", text).id for text in tags],
        )
        self._put_lead(lead, contact_ids, by, moment)
        self.tell("add_lead", number, by=by, at=moment, origin=origin, emit=emit)
        return lead

    def _put_lead(self, lead: Lead, contact_ids: Sequence[int], by: int, moment: float) -> None:
        lead.closed_at = lead.created_at if lead.status_id in {WON, LOST} else None
        self.leads[lead.id] = lead
        made: dict[str, object] = {"note": {"id": self.take_id("note")}}
        self.log("lead_added", "lead", lead.id, by=by, at=moment, after=[made])
        for contact_id in contact_ids:
            self._attach(lead, contact_id)
        if lead.company_id is not None:
            self.contacts[lead.company_id].lead_ids.append(lead.id)

    def source_id(self, source_name: str | None) -> int | None:
        """The id of a lead source by its name, made on first use."""
        if source_name is None:
            return None
        if source_name not in self.sources:
            self.sources[source_name] = self.take_id("source")
        return self.sources[source_name]

    def move_lead(
        self,
        lead_id: int,
        status_id: int,
        pipeline_id: int | None = None,
        *,
        by: int,
        at: float | None = None,
        loss_reason_id: int | None = None,
        origin: str = "ui",
        emit: bool = True,
    ) -> bool:
        """Put a lead into another stage; False when it already stands there (no event then).

        People are stopped by required fields (a switch), the API by default is not. Raises
        Refused for an unknown or unsorted stage, a reason outside 143, or a missing field.
        """
        moment = self.now() if at is None else at
        if not self._move(lead_id, status_id, pipeline_id, by, moment, loss_reason_id, origin):
            return False
        self.tell("status_lead", lead_id, by=by, at=moment, origin=origin, emit=emit)
        return True

    def move_leads(
        self,
        lead_ids: Sequence[int],
        status_id: int,
        pipeline_id: int | None = None,
        *,
        by: int,
        at: float | None = None,
        loss_reason_id: int | None = None,
        origin: str = "ui",
    ) -> list[int]:
        """One mass action of a person. Answers the leads that really moved; one notice for all."""
        moment = self.now() if at is None else at
        moved = tuple(
            lead_id
            for lead_id in lead_ids
            if self._move(lead_id, status_id, pipeline_id, by, moment, loss_reason_id, origin)
        )
        if moved:
            self.tell("status_lead", moved, by=by, at=moment, origin=origin)
        return list(moved)

    def _move(
        self,
        lead_id: int,
        status_id: int,
        pipeline_id: int | None,
        by: int,
        moment: float,
        loss_reason_id: int | None,
        origin: str,
    ) -> bool:
        lead = self.live_lead(lead_id)
        target = lead.pipeline_id if pipeline_id is None else pipeline_id
        if (target, status_id) == (lead.pipeline_id, lead.status_id):
            _check_reason(status_id, loss_reason_id)
            lead.loss_reason_id = loss_reason_id or lead.loss_reason_id
            return False
        self.check_move(lead, target, status_id, loss_reason_id, origin)
        lead.old_status_id, lead.old_pipeline_id = lead.status_id, lead.pipeline_id
        lead.status_id, lead.pipeline_id, lead.stage_since = status_id, target, moment
        if status_id == LOST or not self.faults.keep_loss_reason_on_reopen:
            lead.loss_reason_id = loss_reason_id
        lead.closed_at = int(moment) if status_id in {WON, LOST} else None
        self.touch(lead, by, moment)
        self.log(
            "lead_status_changed",
            "lead",
            lead_id,
            by=by,
            at=moment,
            after=[{"lead_status": {"id": status_id, "pipeline_id": target}}],
            before=[{"lead_status": {"id": lead.old_status_id, "pipeline_id": lead.old_pipeline_id}}],
        )
        return True

    def check_move(
        self, lead: Lead, pipeline_id: int, status_id: int, loss_reason_id: int | None, origin: str
    ) -> None:
        """Raise Refused when the account would not accept this move from this origin."""
        if self.status(pipeline_id, status_id).type == 1:
            raise Refused("NotSupportedChoice", "The value you selected is not a valid choice.", "status_id")
        _check_reason(status_id, loss_reason_id)
        faults = self.faults
        enforced = {"ui": faults.ui_required_statuses, "api": faults.strict_required_statuses}
        if enforced.get(origin, False):
            missing = self.missing_fields(lead, pipeline_id, status_id)
            if missing:
                names = ", ".join(f"«{item.name}»" for item in missing)
                raise Refused("RequiredField", f"Заполните поле {names}, чтобы перейти на этот этап.")

    def missing_fields(self, lead: Lead, pipeline_id: int, status_id: int) -> list[CustomField]:
        """Fields of the lead that the stage demands and that are empty (an unticked box is empty)."""
        return [
            item
            for item in self.fields.values()
            if item.entity == "leads"
            and (pipeline_id, status_id) in item.required_statuses
            and not any(value.get("value") not in {None, "", False} for value in lead.fields.get(item.id, []))
        ]

    def edit_lead(
        self,
        lead_id: int,
        *,
        by: int,
        at: float | None = None,
        name: str | None = None,
        price: int | None = None,
        responsible_user_id: int | None = None,
        origin: str = "ui",
        emit: bool = True,
    ) -> None:
        """Change name, price or responsible person; each real change is one event."""
        moment = self.now() if at is None else at
        lead = self.live_lead(lead_id)
        if name is not None and name != lead.name:
            self._log_value("name_field_changed", lead_id, by, moment, "name", lead.name, name)
            lead.name = name
            self.tell("update_lead", lead_id, by=by, at=moment, origin=origin, emit=emit)
        if price is not None and price != lead.price:
            self._log_value("sale_field_changed", lead_id, by, moment, "sale", lead.price, price)
            lead.price = price
            self.tell("update_lead", lead_id, by=by, at=moment, origin=origin, emit=emit)
        if responsible_user_id is not None and responsible_user_id != lead.responsible_user_id:
            self._hand_over(lead, "lead", responsible_user_id, by, moment)
            self.tell("responsible_lead", lead_id, by=by, at=moment, origin=origin, emit=emit)
        self.touch(lead, by, moment)

    def _log_value(
        self, kind: str, lead_id: int, by: int, moment: float, key: str, old: object, new: object
    ) -> None:
        self.log(
            kind,
            "lead",
            lead_id,
            by=by,
            at=moment,
            after=[{f"{key}_field_value": {key: new}}],
            before=[{f"{key}_field_value": {key: old}}],
        )

    def _hand_over(self, holder: Lead | Contact, entity: str, user_id: int, by: int, moment: float) -> None:
        self.log(
            "entity_responsible_changed",
            entity,
            holder.id,
            by=by,
            at=moment,
            after=[{"responsible_user": {"id": user_id}}],
            before=[{"responsible_user": {"id": holder.responsible_user_id}}],
        )
        holder.old_responsible_user_id = holder.responsible_user_id
        holder.responsible_user_id = user_id

    def set_field(
        self,
        entity: str,
        entity_id: int,
        field_id: int,
        value: object,
        *,
        by: int,
        at: float | None = None,
        origin: str = "ui",
        emit: bool = True,
    ) -> bool:
        """Fill or clear (None) a custom field of a lead, contact or company; False when unchanged.

        Raises Refused for an unknown field, a bad value, or a person at an API-only field.
        """
        moment = self.now() if at is None else at
        holder = self.holder(entity, entity_id)
        values = self._checked(field_id, entity, value)
        known = self.fields[field_id]
        if known.is_api_only and origin == "ui":
            raise Refused("ApiOnly", f"Поле «{known.name}» заполняет только интеграция.", "field_id")
        before = holder.fields.get(field_id, [])
        if values == before:
            return False
        if values:
            holder.fields[field_id] = values
        else:
            holder.fields.pop(field_id, None)
        if isinstance(holder, Contact):
            self.remember_phones(holder)
        self.touch(holder, by, moment)
        single = "lead" if isinstance(holder, Lead) else holder.kind
        per_field = self.faults.field_event_type == "per_field"
        self.log(
            f"custom_field_{field_id}_value_changed" if per_field else "custom_field_value_changed",
            single,
            entity_id,
            by=by,
            at=moment,
            after=field_values.as_event(known, values),
            before=field_values.as_event(known, before),
        )
        self.tell(f"update_{single}", entity_id, by=by, at=moment, origin=origin, emit=emit)
        return True

    def _checked(self, field_id: int, entity: str, value: object) -> list[dict[str, object]]:
        known = self.fields.get(field_id)
        if known is None or known.entity != entity:
            raise Refused("NotSupportedChoice", "The value you selected is not a valid choice.", "field_id")
        return field_values.stored(known, value)

    def _attach(self, lead: Lead, contact_id: int) -> None:
        contact = self.contacts[contact_id]
        if contact_id not in lead.contact_ids:
            lead.contact_ids.append(contact_id)
        if lead.id not in contact.lead_ids:
            contact.lead_ids.append(lead.id)


def _check_reason(status_id: int, loss_reason_id: int | None) -> None:
    if loss_reason_id is not None and status_id != LOST:
        raise Refused("InvalidValue", LOSS_REASON_TEXT, "loss_reason_id")
