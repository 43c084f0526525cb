"""Notes and calls in the feed of a record, and where a call lands."""

import uuid
from collections.abc import Mapping

from app.sandbox.amocrm.model import LOST, WON, Contact, Note
from app.sandbox.amocrm.record_actions import RecordActions
from app.sandbox.amocrm.state import last_ten

NOTE_EVENTS = {
    "common": "common_note_added",
    "service_message": "service_note_added",
    "extended_service_message": "service_note_added",
    "attachment": "attachment_note_added",
    "call_in": "incoming_call",
    "call_out": "outgoing_call",
    "sms_in": "incoming_sms",
    "sms_out": "outgoing_sms",
    "geolocation": "geo_note_added",
    "message_cashier": "message_to_cashier_note_added",
    "site_visit": "site_visit_note_added",
}
ANSWERED, NOT_ANSWERED = 4, 6


class NoteActions(RecordActions):
    """Facts in the feed of a record. `entity` is leads, contacts or companies."""

    def add_note(
        self,
        entity: str,
        entity_id: int,
        text: str = "",
        *,
        by: int,
        at: float | None = None,
        note_type: str = "common",
        params: Mapping[str, object] | None = None,
        responsible_user_id: int | None = None,
        origin: str = "ui",
        emit: bool = True,
    ) -> Note:
        """A note of any type, with its event. Raises Refused when the record is not there."""
        holder, moment = self.holder(entity, entity_id), self.now() if at is None else at
        content: dict[str, object] = {"text": text} if params is None else dict(params)
        number, second = self.take_id("note"), int(moment)
        owner = holder.responsible_user_id if responsible_user_id is None else responsible_user_id
        note = Note(number, entity, entity_id, note_type, content, by, by, second, second, owner)
        self.notes[number] = note
        self.notes_of.setdefault((entity, entity_id), []).append(number)
        single = "lead" if entity == "leads" else "contact" if entity == "contacts" else "company"
        event = NOTE_EVENTS.get(note_type)
        if note_type == "amomail_message" and self.faults.mail_events:
            event = "incoming_mail" if content.get("income") else "outgoing_mail"
        if event:
            self.log(event, single, entity_id, by=by, at=moment, after=[{"note": {"id": number}}])
        # A note with a file raises two hooks.
        extra: dict[str, object] = {"note": number, "twice": note_type == "attachment"}
        self.tell(f"note_{single}", entity_id, by=by, at=moment, origin=origin, emit=emit, extra=extra)
        return note

    def log_call(
        self,
        *,
        phone: str,
        direction: str = "inbound",
        duration: int = 0,
        by: int = 0,
        at: float | None = None,
        result: str = "",
        call_status: int | None = None,
        responsible_user_id: int | None = None,
        source: str = "Телефония",
        uniq: str | None = None,
        link: str = "",
        origin: str = "ui",
        emit: bool = True,
    ) -> Note | None:
        """A call as telephony reports it: it lands where the phone number leads, or nowhere (None).

        A contact with exactly one open lead gives it to that lead, otherwise the contact keeps it.
        """
        target = self.call_target(phone)
        if target is None:
            return None
        return self.add_call(
            *target,
            direction=direction,
            duration=duration,
            phone=phone,
            by=by,
            at=at,
            result=result,
            call_status=call_status,
            responsible_user_id=responsible_user_id,
            source=source,
            uniq=uniq,
            link=link,
            origin=origin,
            emit=emit,
        )

    def add_call(
        self,
        entity: str,
        entity_id: int,
        *,
        direction: str = "inbound",
        duration: int = 0,
        phone: str = "",
        by: int = 0,
        at: float | None = None,
        result: str = "",
        call_status: int | None = None,
        responsible_user_id: int | None = None,
        source: str = "Телефония",
        uniq: str | None = None,
        link: str = "",
        origin: str = "ui",
        emit: bool = True,
    ) -> Note:
        """A call note put on a record directly. `duration` in seconds; no talk means status 6."""
        params: dict[str, object] = {
            "uniq": uniq or uuid.UUID(int=self.rng.getrandbits(128), version=4).hex,
            "duration": duration,
            "source": source,
            "link": link,
            "phone": phone,
            "call_responsible": responsible_user_id or by,
            "call_status": call_status or (ANSWERED if duration else NOT_ANSWERED),
        }
        if result:
            params["call_result"] = result
        return self.add_note(
            entity,
            entity_id,
            by=by,
            at=at,
            note_type="call_in" if direction == "inbound" else "call_out",
            params=params,
            responsible_user_id=responsible_user_id,
            origin=origin,
            emit=emit,
        )

    def call_target(self, phone: str) -> tuple[str, int] | None:
        """Where a call of that number lands (last ten digits decide): (entity, id) or None."""
        digits = last_ten(phone)
        for contact_id in self.phone_book.get(digits, ()):
            contact = self.contacts[contact_id]
            if not contact.is_deleted and digits in self.phones_of(contact):
                return self._call_home(contact)
        return None

    def _call_home(self, contact: Contact) -> tuple[str, int]:
        active = self.open_leads_of(contact)
        if len(active) == 1:
            return "leads", active[0]
        return "contacts" if contact.kind == "contact" else "companies", contact.id

    def open_leads_of(self, contact: Contact) -> list[int]:
        """Leads of a contact that are neither closed nor deleted."""
        found = [self.leads[lead_id] for lead_id in contact.lead_ids]
        return [
            lead.id
            for lead in found
            if lead.status_id not in {WON, LOST} and not lead.is_deleted and lead.merged_into is None
        ]

    def phones_of(self, contact: Contact) -> set[str]:
        """The last ten digits of each phone number of a contact."""
        entity = "contacts" if contact.kind == "contact" else "companies"
        field = self.field_by_code(entity, "PHONE")
        values = contact.fields.get(field.id, []) if field else []
        return {last_ten(str(value.get("value"))) for value in values}

    def client_call(
        self,
        lead_id: int,
        *,
        direction: str = "inbound",
        duration: int = 120,
        by: int = 0,
        at: float | None = None,
        result: str = "",
        emit: bool = True,
    ) -> Note:
        """A call with the client of a lead: through his phone when he has one, else on the lead."""
        lead = self.live_lead(lead_id)
        owner = lead.responsible_user_id
        for contact_id in lead.contact_ids:
            contact = self.contacts[contact_id]
            if self.phones_of(contact):
                home = self._call_home(contact)
                phone = self._first_phone(contact)
                return self.add_call(
                    *home,
                    direction=direction,
                    duration=duration,
                    phone=phone,
                    by=by,
                    at=at,
                    result=result,
                    responsible_user_id=owner,
                    emit=emit,
                )
        return self.add_call(
            "leads",
            lead_id,
            direction=direction,
            duration=duration,
            by=by,
            at=at,
            result=result,
            responsible_user_id=owner,
            emit=emit,
        )

    def _first_phone(self, contact: Contact) -> str:
        field = self.field_by_code("contacts" if contact.kind == "contact" else "companies", "PHONE")
        return str(contact.fields[field.id][0]["value"]) if field else ""
