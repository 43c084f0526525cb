"""Comments, notices, tasks, documents, payments: what stands around a deal."""

from app.sandbox.bitrix24.model import (
    DEAL,
    TASK_ACTIVITY,
    Comment,
    Document,
    Item,
    Link,
    Notification,
    Payment,
    Refused,
    Task,
)
from app.sandbox.bitrix24.state import Act
from app.sandbox.bitrix24.talk_actions import TalkActions

COMPLETED = 5
BELL = "SANDBOX_BELL"
"""Told to the portal's own pages only: no application can subscribe to it."""


class TimelineActions(TalkActions):
    """Changes of everything that hangs on a deal."""

    def add_comment(self, link: Link, act: Act, text: str, *, title: str = "", icon: str = "") -> Comment:
        """A timeline comment; with a title it is a log message, of which no event tells."""
        comment = Comment(self.take_id("comment"), link, text, act.by, self.moment(act), title, icon)
        self.comments[comment.id] = comment
        self.comments_of.setdefault(link, []).append(comment.id)
        self._tell_comment("ADD", comment, act)
        return comment

    def update_comment(self, comment: Comment, act: Act, text: str) -> None:
        """Another text for a comment."""
        comment.text = text
        self._tell_comment("UPDATE", comment, act)

    def delete_comment(self, comment: Comment, act: Act) -> None:
        """A comment goes."""
        del self.comments[comment.id]
        self.comments_of[comment.owner].remove(comment.id)
        self._tell_comment("DELETE", comment, act)

    def _tell_comment(self, what: str, comment: Comment, act: Act) -> None:
        if comment.title:
            return
        shape = self.faults.comment_event_shape
        if shape == "random":
            shape = self.rng.choice(("fields", "flat"))
        number: dict[str, object] = {"ID": comment.id}
        data: dict[str, object] = number if shape == "flat" else {"FIELDS": number}
        self.tell(f"ONCRMTIMELINECOMMENT{what}", data, act, comment.owner)
        self.touch(comment.owner, act)

    def on_robot(self, item: Item, kind: str, value: str) -> None:
        """A robot's comment."""
        del kind
        self.add_comment(item.link, Act(origin="robot"), value)

    def notify(self, user_id: int, act: Act, text: str, tag: str = "") -> Notification:
        """A notice in somebody's bell; one with the same tag takes the earlier one's place."""
        if tag:
            same = [
                item.id for item in self.notifications.values() if (item.user_id, item.tag) == (user_id, tag)
            ]
            for number in same:
                del self.notifications[number]
        notice = Notification(self.take_id("notification"), user_id, act.by, text, tag, self.moment(act))
        self.notifications[notice.id] = notice
        self.tell(BELL, {"USER_ID": user_id, "TEXT": text}, act)
        return notice

    def add_task(
        self,
        title: str,
        act: Act,
        *,
        responsible_id: int,
        crm: list[str] | None = None,
        deadline: float | None = None,
        text: str = "",
    ) -> Task:
        """A task; those that are tied to deals also stand in their timelines."""
        at = self.moment(act)
        task = Task(
            self.take_id("task"), title, responsible_id, act.by, at, at, text, deadline, crm=crm or []
        )
        self.tasks[task.id] = task
        with self.batch():
            self._tell_task("ADD", task, act)
            for link in links_of_task(task):
                if not self.known(link):
                    continue
                self.put_activity(
                    [link],
                    act,
                    type_id=TASK_ACTIVITY if link[0] != DEAL else 6,
                    provider_id="CRM_TASKS_TASK",
                    provider_type_id="TASKS_TASK",
                    subject=title,
                    completed=False,
                    responsible_id=responsible_id,
                    deadline=deadline,
                    associated_id=task.id,
                )
        return task

    def complete_task(self, task: Task, act: Act) -> None:
        """A task is done, and with it what stands in the timelines."""
        if task.status == COMPLETED:
            return
        task.status, task.closed, task.changed = COMPLETED, self.moment(act), self.moment(act)
        with self.batch():
            self._tell_task("UPDATE", task, act)
            numbers = [number for link in links_of_task(task) for number in self.activities_of.get(link, [])]
            for activity in [self.activities[number] for number in numbers]:
                if activity.provider_id == "CRM_TASKS_TASK" and activity.associated_id == task.id:
                    self.update_activity(activity, act, completed=True)

    def _tell_task(self, what: str, task: Task, act: Act) -> None:
        before = "undefined" if what == "ADD" else str(task.id)
        data: dict[str, object] = {
            "FIELDS_BEFORE": {"ID": before},
            "FIELDS_AFTER": {"ID": str(task.id)},
            "IS_ACCESSIBLE_BEFORE": "undefined",
            "IS_ACCESSIBLE_AFTER": "undefined",
        }
        self.tell(f"ONTASK{what}", data, act)

    def add_document(self, deal: Item, act: Act, title: str) -> Document:
        """A generated document of a deal."""
        number = self.take_id("document")
        document = Document(number, deal.link, title, str(number), self.moment(act), act.by)
        self.documents[number] = document
        fields: dict[str, object] = {
            "ID": number,
            "ENTITY_TYPE_ID": deal.entity_type_id,
            "ENTITY_ID": deal.id,
        }
        with self.batch():
            self.tell("ONCRMDOCUMENTGENERATORDOCUMENTADD", {"FIELDS": fields}, act, deal.link)
            self.put_activity(
                [deal.link],
                act,
                type_id=6,
                provider_id="CRM_DOCUMENT",
                provider_type_id="DOCUMENT",
                subject=title,
                associated_id=number,
            )
        return document

    def add_payment(self, deal: Item, act: Act, amount: float) -> Payment:
        """A payment that the client has been asked for."""
        payment = Payment(self.take_id("payment"), deal.link, amount, deal.currency_id, self.moment(act))
        self.payments[payment.id] = payment
        self._tell_payment(payment, act)
        return payment

    def pay(self, payment: Payment, act: Act) -> None:
        """The client's money has come. Raises Refused for one that is paid already."""
        if payment.is_paid:
            raise Refused("ALREADY_PAID", "Оплата уже получена")
        payment.is_paid, payment.paid_at = True, self.moment(act)
        self._tell_payment(payment, act)

    def _tell_payment(self, payment: Payment, act: Act) -> None:
        self.tell("ONPAYMENTENTITYSAVED", {"FIELDS": {"ID": payment.id}}, act, payment.owner)


LETTERS = {"D": 2, "C": 3, "CO": 4, "L": 1, "SI": 31}


def links_of_task(task: Task) -> list[Link]:
    """The records that a task is tied to: `D_10` is deal 10."""
    found = []
    for text in task.crm:
        letters, _, number = text.partition("_")
        if letters in LETTERS and number.isdigit():
            found.append((LETTERS[letters], int(number)))
    return found
