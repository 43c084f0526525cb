"""Contacts, companies, tags, links, and the end of records: deletion, trash, merging."""

from collections.abc import Iterable, Mapping, Sequence

from app.sandbox.amocrm.lead_actions import LeadActions
from app.sandbox.amocrm.model import ENTITY_OF, Contact, Lead, Refused


class RecordActions(LeadActions):
    """Changes of records other than a lead's own stage and values."""

    def create_contact(
        self,
        *,
        name: str,
        kind: str = "contact",
        responsible_user_id: int = 0,
        by: int = 0,
        at: float | None = None,
        phones: Iterable[str] = (),
        emails: Iterable[str] = (),
        fields: Mapping[int, object] | None = None,
        company_id: int | None = None,
        contact_id: int | None = None,
        origin: str = "ui",
        emit: bool = True,
    ) -> Contact:
        """A new contact, or a company with kind="company". Raises Refused for bad field values."""
        moment = self.now() if at is None else at
        entity = ENTITY_OF[kind]
        wanted: dict[int, object] = dict(fields or {})
        for code, items in (("PHONE", list(phones)), ("EMAIL", list(emails))):
            known = self.field_by_code(entity, code)
            if items and known is not None:
                wanted[known.id] = items
        values = {key: self._checked(key, entity, value) for key, value in wanted.items()}
        number = self.take_id("contact", contact_id)
        contact = Contact(
            number, kind, name, responsible_user_id or by, by, by, int(moment), int(moment), values
        )
        contact.company_id = company_id
        self.contacts[number] = contact
        self.remember_phones(contact)
        self.log(
            f"{kind}_added", kind, number, by=by, at=moment, after=[{"note": {"id": self.take_id("note")}}]
        )
        self.tell(f"add_{kind}", number, by=by, at=moment, origin=origin, emit=emit)
        return contact

    def edit_contact(
        self,
        contact_id: int,
        *,
        by: int,
        at: float | None = None,
        name: str | None = None,
        responsible_user_id: int | None = None,
        origin: str = "ui",
    ) -> None:
        """Rename a contact or company, or give it to somebody else."""
        moment = self.now() if at is None else at
        contact = self.contacts[contact_id]
        if name is not None and name != contact.name:
            self.log(
                "name_field_changed",
                contact.kind,
                contact_id,
                by=by,
                at=moment,
                after=[{"name_field_value": {"name": name}}],
                before=[{"name_field_value": {"name": contact.name}}],
            )
            contact.name = name
        if responsible_user_id is not None and responsible_user_id != contact.responsible_user_id:
            self._hand_over(contact, contact.kind, responsible_user_id, by, moment)
        self.touch(contact, by, moment)
        self.tell(f"update_{contact.kind}", contact_id, by=by, at=moment, origin=origin)

    def link_contact(
        self,
        lead_id: int,
        contact_id: int,
        *,
        by: int,
        at: float | None = None,
        is_main: bool = False,
        emit: bool = True,
    ) -> None:
        """Tie a contact or company to a lead; the main contact stands first."""
        moment = self.now() if at is None else at
        lead, contact = self.live_lead(lead_id), self.contacts[contact_id]
        if contact.kind == "company":
            self._change_company(lead, contact)
        else:
            self._attach(lead, contact_id)
            if is_main:
                lead.contact_ids.sort(key=lambda number: number != contact_id)
        self._log_link("entity_linked", "link", lead, contact, by, moment)
        self.tell("update_lead", lead_id, by=by, at=moment, emit=emit)

    def _change_company(self, lead: Lead, company: Contact) -> None:
        if lead.company_id is not None:
            before = self.contacts[lead.company_id]
            before.lead_ids = [number for number in before.lead_ids if number != lead.id]
        lead.company_id = company.id
        company.lead_ids.append(lead.id)

    def unlink_contact(self, lead_id: int, contact_id: int, *, by: int, at: float | None = None) -> None:
        """Untie a contact or company from a lead."""
        moment = self.now() if at is None else at
        lead, contact = self.live_lead(lead_id), self.contacts[contact_id]
        lead.contact_ids = [item for item in lead.contact_ids if item != contact_id]
        if lead.company_id == contact_id:
            lead.company_id = None
        contact.lead_ids = [item for item in contact.lead_ids if item != lead_id]
        self._log_link("entity_unlinked", "unlink", lead, contact, by, moment)
        self.tell("update_lead", lead_id, by=by, at=moment)

    def _log_link(self, event: str, key: str, lead: Lead, contact: Contact, by: int, moment: float) -> None:
        target: dict[str, object] = {key: {"entity": {"type": contact.kind, "id": contact.id}}}
        self.log(event, "lead", lead.id, by=by, at=moment, after=[target])

    def add_tag(
        self,
        entity: str,
        entity_id: int,
        name: str,
        *,
        by: int,
        at: float | None = None,
        origin: str = "ui",
        emit: bool = True,
    ) -> bool:
        """Hang a tag on a record; False when it already hangs there."""
        holder, moment = self.holder(entity, entity_id), self.now() if at is None else at
        tag = self.tag(entity, name)
        if tag.id in holder.tags:
            return False
        holder.tags.append(tag.id)
        self._tag_changed("entity_tag_added", holder, by, moment, name, origin, emit)
        return True

    def remove_tag(
        self,
        entity: str,
        entity_id: int,
        name: str,
        *,
        by: int,
        at: float | None = None,
        origin: str = "ui",
        emit: bool = True,
    ) -> bool:
        """Take a tag off a record; False when it was not there."""
        holder, moment = self.holder(entity, entity_id), self.now() if at is None else at
        tag = self.tag(entity, name)
        if tag.id not in holder.tags:
            return False
        holder.tags.remove(tag.id)
        self._tag_changed("entity_tag_deleted", holder, by, moment, name, origin, emit)
        return True

    def _tag_changed(
        self, event: str, holder: Lead | Contact, by: int, moment: float, name: str, origin: str, emit: bool
    ) -> None:
        single = "lead" if isinstance(holder, Lead) else holder.kind
        change: list[dict[str, object]] = [{"tag": {"name": name}}]
        added = event == "entity_tag_added"
        self.log(
            event,
            single,
            holder.id,
            by=by,
            at=moment,
            after=change if added else [],
            before=[] if added else change,
        )
        self.touch(holder, by, moment)
        self.tell(f"update_{single}", holder.id, by=by, at=moment, origin=origin, emit=emit)

    def delete_lead(self, lead_id: int, *, by: int, at: float | None = None, emit: bool = True) -> None:
        """Put a lead into the trash: lists and cards stop showing it."""
        moment = self.now() if at is None else at
        lead = self.live_lead(lead_id)
        lead.is_deleted = True
        self.touch(lead, by, moment)
        self.log("lead_deleted", "lead", lead_id, by=by, at=moment)
        self.tell("delete_lead", lead_id, by=by, at=moment, emit=emit)

    def restore_lead(self, lead_id: int, *, by: int, at: float | None = None, emit: bool = True) -> None:
        """Take a lead out of the trash, into the stage where it stood."""
        moment = self.now() if at is None else at
        lead = self.leads.get(lead_id)
        if lead is None or not lead.is_deleted:
            raise Refused("NotFound", "There is no such lead in the trash.", "id")
        lead.is_deleted = False
        self.touch(lead, by, moment)
        self.log("lead_restored", "lead", lead_id, by=by, at=moment)
        self.tell("restore_lead", lead_id, by=by, at=moment, emit=emit)

    def merge_leads(
        self, kept_id: int, merged_ids: Sequence[int], *, by: int, at: float | None = None
    ) -> None:
        """Join leads into one; the others' ids answer 204 from then on."""
        moment = self.now() if at is None else at
        kept = self.live_lead(kept_id)
        for lead_id in merged_ids:
            gone = self.live_lead(lead_id)
            for contact_id in gone.contact_ids:
                self._attach(kept, contact_id)
            gone.merged_into = kept_id
            self.log("entity_merged", "lead", lead_id, by=by, at=moment)
            self.tell("delete_lead", lead_id, by=by, at=moment)
        self.touch(kept, by, moment)
        self.tell("update_lead", kept_id, by=by, at=moment)

    def delete_status(self, pipeline_id: int, status_id: int, *, by: int, at: float | None = None) -> None:
        """Remove a stage; its leads fall into the first ordinary stage of the pipeline."""
        pipeline = self.pipelines[pipeline_id]
        if not self.status(pipeline_id, status_id).is_editable:
            raise Refused("NotSupportedChoice", "A system stage cannot be deleted.", "status_id")
        stay = [item for item in pipeline.statuses.values() if item.is_editable and item.id != status_id]
        if not stay:
            raise Refused("NotSupportedChoice", "The last stage cannot be deleted.", "status_id")
        first = min(stay, key=lambda item: item.sort)
        standing = [
            lead.id
            for lead in self.leads.values()
            if (lead.pipeline_id, lead.status_id) == (pipeline_id, status_id) and not lead.is_deleted
        ]
        self.move_leads(standing, first.id, pipeline_id, by=by, at=at, origin="robot")
        del pipeline.statuses[status_id]
