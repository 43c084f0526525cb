"""Activities: calls, letters, forms, to-dos and those that applications draw themselves."""

from collections.abc import Mapping, Sequence

from app.sandbox.bitrix24.client_actions import ClientActions
from app.sandbox.bitrix24.model import (
    CALL,
    CONTACT,
    DEAL,
    EMAIL,
    INCOMING,
    OUTGOING,
    PROVIDER,
    Activity,
    Call,
    Client,
    Item,
    Link,
)
from app.sandbox.bitrix24.state import Act

ANSWERED, MISSED, DECLINED = "200", "304", "603"
REASONS = {
    ANSWERED: "",
    MISSED: "Missed call",
    DECLINED: "Declined",
    "603-S": "Call canceled",
    "486": "Busy",
    "480": "Temporarily unavailable",
}
CALL_OUT, CALL_IN = 1, 2
HOUR = 3600.0


class ActivityActions(ClientActions):
    """Changes of activities and of the call statistics."""

    def put_activity(
        self,
        bindings: Sequence[Link],
        act: Act,
        *,
        type_id: int,
        provider_id: str,
        subject: str,
        provider_type_id: str = "",
        direction: int = 0,
        completed: bool = True,
        responsible_id: int = 0,
        **values: object,
    ) -> Activity:
        """Store an activity that is bound to these records, and tell of it."""
        at = self.moment(act)
        activity = Activity(
            self.take_id("activity"),
            type_id,
            provider_id,
            provider_type_id,
            subject,
            list(bindings),
            direction,
            completed,
            at,
            at,
            responsible_id or act.by,
            act.by,
        )
        activity.start = activity.end = at
        for name, value in values.items():
            setattr(activity, name, value)
        self.activities[activity.id] = activity
        for link in activity.bindings:
            self.activities_of.setdefault(link, []).append(activity.id)
        self.tell_activity("ADD", activity, act)
        return activity

    def tell_activity(self, what: str, activity: Activity, act: Act) -> None:
        """Say that an activity was added, updated or deleted; its records are touched by it."""
        deal = next((link for link in activity.bindings if link[0] == DEAL), None)
        self.tell(f"ONCRMACTIVITY{what}", {"FIELDS": {"ID": activity.id}}, act, deal or activity.owner)
        for link in activity.bindings:
            self.touch(link, act)

    def update_activity(self, activity: Activity, act: Act, **changes: object) -> bool:
        """Save what differs; False when nothing does."""
        wanted = {name: value for name, value in changes.items() if getattr(activity, name) != value}
        for name, value in wanted.items():
            setattr(activity, name, value)
        if wanted:
            activity.last_updated = self.moment(act)
            self.tell_activity("UPDATE", activity, act)
        return bool(wanted)

    def delete_activity(self, activity: Activity, act: Act) -> None:
        """An activity goes."""
        del self.activities[activity.id]
        for link in activity.bindings:
            self.activities_of[link].remove(activity.id)
        self.tell_activity("DELETE", activity, act)

    def add_call(
        self,
        deal: Item,
        act: Act,
        *,
        incoming: bool = True,
        duration: int = 60,
        failed_code: str = "",
        user_id: int = 0,
        contact_only: bool = False,
        transcript: str = "",
        by_hand: bool = False,
    ) -> Activity:
        """A call of a deal's client. `duration` is in seconds.

        The activity is bound to the contact and the deal, with `contact_only` to the contact alone.
        A call `by_hand` has an activity but no row in the statistics.
        """
        code = failed_code or (ANSWERED if duration else MISSED)
        person = user_id or (act.by if not incoming else 0) or deal.assigned_by_id
        with self.batch():
            activity = self._call_activity(deal, act, incoming, duration, code, person, contact_only, by_hand)
            if not by_hand:
                call = self._statistics(deal, act, activity, code, incoming, duration, person)
                call.transcript = transcript
                self._tell_call(call, act)
            if self.faults.call_event_first:
                self.reverse_batch()
        return activity

    def _call_activity(
        self,
        deal: Item,
        act: Act,
        incoming: bool,
        duration: int,
        code: str,
        person: int,
        contact_only: bool,
        by_hand: bool,
    ) -> Activity:
        contact, at = self.contact_of(deal), self.moment(act)
        links = self.links_of(deal)
        word = "Входящий от" if incoming else "Исходящий"
        return self.put_activity(
            [link for link in links if link[0] == CONTACT] or links if contact_only else links,
            act,
            type_id=CALL,
            provider_id="CRM_CALL" if by_hand else "VOXIMPLANT_CALL",
            provider_type_id="CALL",
            subject=f"{word} {_phone(contact)}".strip(),
            direction=INCOMING if incoming else OUTGOING,
            completed=not (incoming and code == MISSED),
            responsible_id=person,
            start=at,
            end=at + duration,
            is_incoming=incoming,
            communications=_communication(contact, "PHONE", _phone(contact)),
        )

    def _statistics(
        self, deal: Item, act: Act, activity: Activity, code: str, incoming: bool, duration: int, person: int
    ) -> Call:
        contact, at, number = self.contact_of(deal), self.moment(act), self.take_id("call")
        token = f"{self.rng.getrandbits(64):016x}"
        call = Call(
            number,
            f"externalCall.{token}.{int(at)}",
            CALL_IN if incoming else CALL_OUT,
            person,
            _phone(contact),
            "REST_APP:",
            duration,
            code,
            REASONS.get(code, "Other"),
            at,
            activity.id,
            "CONTACT" if contact else "",
            contact.id if contact else 0,
        )
        activity.origin_id = f"VI_{call.call_id}"
        self.calls[number] = call
        self.call_of[activity.id] = number
        return call

    def _tell_call(self, call: Call, act: Act) -> None:
        data: dict[str, object] = {
            "CALL_ID": call.call_id,
            "CALL_TYPE": call.kind,
            "PHONE_NUMBER": call.phone,
            "PORTAL_NUMBER": call.portal_number,
            "PORTAL_USER_ID": call.user_id,
            "CALL_DURATION": call.duration,
            "CALL_START_DATE": self.iso(call.started),
            "COST": 0,
            "COST_CURRENCY": "",
            "CALL_FAILED_CODE": call.failed_code,
            "CALL_FAILED_REASON": call.failed_reason,
            "CRM_ACTIVITY_ID": call.activity_id,
        }
        self.tell("ONVOXIMPLANTCALLEND", data, act)

    def add_mail(
        self, deal: Item, act: Act, *, subject: str, text: str = "", incoming: bool = True
    ) -> Activity:
        """A letter from the client, or one of ours."""
        contact = self.contact_of(deal)
        address = contact.emails[0] if contact and contact.emails else ""
        return self.put_activity(
            self.links_of(deal),
            act,
            type_id=EMAIL,
            provider_id="CRM_EMAIL",
            provider_type_id="EMAIL",
            subject=subject,
            description=text,
            direction=INCOMING if incoming else OUTGOING,
            completed=not incoming,
            responsible_id=deal.assigned_by_id,
            is_incoming=incoming,
            communications=_communication(contact, "EMAIL", address),
        )

    def add_form(
        self, deal: Item, act: Act, *, form_id: int, name: str, answers: Mapping[str, object] | None = None
    ) -> Activity:
        """The client fills in a form of the site; its answers land in the deal's fields."""
        with self.batch():
            changes: dict[str, object] = {**(answers or {})}
            if not deal.webform_id:
                changes["webform_id"] = form_id
            self.update_item(deal, changes, Act(0, act.at, "robot"))
            return self.put_activity(
                self.links_of(deal),
                act,
                type_id=PROVIDER,
                provider_id="CRM_WEBFORM",
                provider_type_id=str(form_id),
                subject=f"Заполнена CRM-форма «{name}»",
                direction=INCOMING,
                completed=False,
                responsible_id=deal.assigned_by_id,
                associated_id=form_id,
                is_incoming=True,
            )

    def add_todo(
        self, link: Link, act: Act, *, title: str, deadline: float, text: str = "", responsible_id: int = 0
    ) -> Activity:
        """A planned to-do with its deadline."""
        return self.put_activity(
            [link],
            act,
            type_id=PROVIDER,
            provider_id="CRM_TODO",
            provider_type_id="TODO",
            subject=title or "Запланировать дело",
            description=text,
            completed=False,
            responsible_id=responsible_id,
            deadline=deadline,
            start=deadline,
            end=deadline + HOUR,
        )

    def links_of(self, deal: Item) -> list[Link]:
        """What an activity of this deal is bound to: the deal, then its first contact."""
        return [deal.link, *((CONTACT, number) for number in deal.contact_ids[:1])]


def _phone(contact: Client | None) -> str:
    return contact.phones[0].replace(" ", "").replace("-", "") if contact and contact.phones else ""


def _communication(contact: Client | None, kind: str, value: str) -> list[dict[str, object]]:
    if contact is None or not value:
        return []
    return [
        {
            "TYPE": kind,
            "VALUE": value,
            "ENTITY_ID": str(contact.id),
            "ENTITY_TYPE_ID": str(CONTACT),
            "ENTITY_SETTINGS": {"NAME": contact.name, "LAST_NAME": contact.last_name},
        }
    ]
