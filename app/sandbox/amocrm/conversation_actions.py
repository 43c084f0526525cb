"""Chat messages, mail, forms and requests that nobody has accepted yet."""

import uuid
from collections.abc import Mapping

from app.sandbox.amocrm.model import Message, Note, Refused, Talk, Unsorted
from app.sandbox.amocrm.note_actions import NoteActions


class ConversationActions(NoteActions):
    """What a client writes, and what we write to him."""

    def add_message(
        self,
        lead_id: int,
        text: str,
        *,
        incoming: bool = True,
        by: int = 0,
        at: float | None = None,
        channel: str = "telegram",
        emit: bool = True,
    ) -> Message:
        """A chat message about a lead; the log carries only its id."""
        moment = self.now() if at is None else at
        lead = self.live_lead(lead_id)
        contact_id = lead.contact_ids[0] if lead.contact_ids else None
        talks_before = len(self.talks)
        talk = self._talk(lead_id, contact_id, channel, moment)
        known = talks_before == len(self.talks)
        author = self.contacts[contact_id].name if incoming and contact_id else "Клиент"
        if not incoming:
            author = self.users[by].name if by in self.users else "Робот"
        number = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        message = Message(number, contact_id, lead_id, text, incoming, channel, int(moment), author, talk.id)
        self.messages[number] = message
        self.log(
            "incoming_chat_message" if incoming else "outgoing_chat_message",
            "lead",
            lead_id,
            by=0 if incoming else by,
            at=moment,
            after=[{"message": {"id": number}}],
            talk_contact=contact_id,
        )
        self.tell("update_talk" if known else "add_talk", talk.id, by=by, at=moment, emit=emit)
        if incoming:
            self.tell("add_message", lead_id, by=0, at=moment, emit=emit, extra={"message": number})
        return message

    def _talk(self, lead_id: int, contact_id: int | None, channel: str, moment: float) -> Talk:
        for known in self.talks.values():
            if known.lead_id == lead_id and known.origin == channel:
                known.updated_at = int(moment)
                return known
        number = self.take_id("talk")
        chat = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        talk = Talk(number, chat, contact_id, lead_id, channel, int(moment), int(moment))
        self.talks[number] = talk
        return talk

    def add_mail(
        self,
        lead_id: int,
        subject: str,
        text: str = "",
        *,
        incoming: bool = True,
        by: int = 0,
        at: float | None = None,
        emit: bool = True,
    ) -> Note:
        """A letter in the lead's feed: a mail note, and an event when the switch says so."""
        params: dict[str, object] = {
            "income": incoming,
            "subject": subject,
            "content_summary": text,
            "delivery": {"status": "delivered"},
        }
        return self.add_note(
            "leads",
            lead_id,
            by=0 if incoming else by,
            at=at,
            note_type="amomail_message",
            params=params,
            emit=emit,
        )

    def fill_form(
        self,
        lead_id: int,
        form_name: str,
        answers: Mapping[int, object],
        *,
        at: float | None = None,
        emit: bool = True,
    ) -> Note:
        """The client sends a form: fields filled by a robot, and a service note that names the form."""
        with self.batch():
            for field_id, value in answers.items():
                self.set_field("leads", lead_id, field_id, value, by=0, at=at, origin="robot", emit=emit)
            params = {"service": "Формы", "text": f"Клиент заполнил форму «{form_name}»"}
            return self.add_note(
                "leads",
                lead_id,
                by=0,
                at=at,
                note_type="service_message",
                params=params,
                origin="robot",
                emit=emit,
            )

    def add_unsorted_form(
        self,
        *,
        name: str,
        pipeline_id: int,
        form_name: str,
        source_name: str = "Сайт",
        contact_id: int | None = None,
        at: float | None = None,
        emit: bool = True,
    ) -> Unsorted:
        """A request from a site form: its lead stands in the unsorted stage until accepted."""
        moment = self.now() if at is None else at
        stage = next(item for item in self.pipelines[pipeline_id].statuses.values() if item.type == 1)
        lead = self.create_lead(
            name=name,
            pipeline_id=pipeline_id,
            status_id=stage.id,
            at=moment,
            source_name=source_name,
            contact_ids=[contact_id] if contact_id else [],
            origin="robot",
            emit=False,
        )
        uid = f"{self.rng.getrandbits(236):059x}"
        metadata: dict[str, object] = {"form_id": "1", "form_name": form_name, "form_sent_at": int(moment)}
        item = Unsorted(uid, "forms", source_name, pipeline_id, lead.id, contact_id, int(moment), metadata)
        self.unsorted[uid] = item
        self.tell("add_unsorted", lead.id, by=0, at=moment, origin="robot", emit=emit, extra={"uid": uid})
        return item

    def settle_unsorted(
        self, uid: str, *, accept: bool, by: int, status_id: int | None = None, at: float | None = None
    ) -> Unsorted:
        """Accept a request into a stage, or decline it. Raises Refused when it is already settled."""
        moment = self.now() if at is None else at
        item = self.unsorted.get(uid)
        if item is None or item.outcome is not None:
            raise Refused("NotFound", "There is no such request.", "uid")
        stages = self.pipelines[item.pipeline_id].statuses.values()
        first = min((stage for stage in stages if stage.type == 0), key=lambda stage: stage.sort)
        if accept:
            self._move(item.lead_id, status_id or first.id, item.pipeline_id, by, moment, None, "robot")
            self.leads[item.lead_id].responsible_user_id = by
        else:
            self.delete_lead(item.lead_id, by=by, at=moment, emit=False)
        item.outcome = "accept" if accept else "decline"
        self.tell("delete_unsorted", item.lead_id, by=by, at=moment, extra={"uid": uid})
        return item
