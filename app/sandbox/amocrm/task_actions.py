"""Tasks: made, changed, completed with a result."""

from app.sandbox.amocrm.conversation_actions import ConversationActions
from app.sandbox.amocrm.model import Task


class TaskActions(ConversationActions):
    """Things to do about a record."""

    def add_task(
        self,
        entity: str | None,
        entity_id: int | None,
        text: str,
        *,
        complete_till: int,
        by: int,
        at: float | None = None,
        responsible_user_id: int | None = None,
        task_type_id: int = 1,
        origin: str = "ui",
        emit: bool = True,
    ) -> Task:
        """A task about a record (or about nothing: None). Raises Refused when the record is not there."""
        moment = self.now() if at is None else at
        owner = by if responsible_user_id is None else responsible_user_id
        if entity and entity_id is not None:
            self.holder(entity, entity_id)
        number, second = self.take_id("task"), int(moment)
        task = Task(
            number, entity, entity_id, text, task_type_id, complete_till, owner, by, by, second, second
        )
        self.tasks[number] = task
        if entity and entity_id is not None:
            self.tasks_of.setdefault((entity, entity_id), []).append(number)
        self._log_task("task_added", task, by, moment)
        self.tell("add_task", number, by=by, at=moment, origin=origin, emit=emit)
        return task

    def complete_task(
        self,
        task_id: int,
        result: str = "",
        *,
        by: int,
        at: float | None = None,
        origin: str = "ui",
        emit: bool = True,
    ) -> Task:
        """Close a task, with the result in words. The completion event itself says nothing."""
        moment = self.now() if at is None else at
        task = self.tasks[task_id]
        task.is_completed, task.result, task.old_text = True, result or None, task.text
        task.updated_by, task.updated_at = by, max(task.updated_at, int(moment))
        self._log_task("task_completed", task, by, moment)
        if result:
            after: list[dict[str, object]] = [{"note": {"id": self.take_id("note")}}]
            self._log_task("task_result_added", task, by, moment, after)
        self.tell(
            "update_task", task_id, by=by, at=moment, origin=origin, emit=emit, extra={"action_close": True}
        )
        return task

    def edit_task(
        self,
        task_id: int,
        *,
        by: int,
        at: float | None = None,
        text: str | None = None,
        complete_till: int | None = None,
        responsible_user_id: int | None = None,
        origin: str = "ui",
    ) -> Task:
        """Change the words, the deadline or the owner of a task."""
        moment = self.now() if at is None else at
        task = self.tasks[task_id]
        if text is not None and text != task.text:
            before: list[dict[str, object]] = [{"task": {"text": task.text}}]
            self._log_task("task_text_changed", task, by, moment, [{"task": {"text": text}}], before)
            task.old_text, task.text = task.text, text
        if complete_till is not None and complete_till != task.complete_till:
            was: list[dict[str, object]] = [{"task_deadline": {"timestamp": task.complete_till}}]
            becomes: list[dict[str, object]] = [{"task_deadline": {"timestamp": complete_till}}]
            self._log_task("task_deadline_changed", task, by, moment, becomes, was)
            task.complete_till = complete_till
        if responsible_user_id is not None and responsible_user_id != task.responsible_user_id:
            task.old_responsible_user_id = task.responsible_user_id
            task.responsible_user_id = responsible_user_id
        task.updated_by, task.updated_at = by, max(task.updated_at, int(moment))
        self.tell("update_task", task_id, by=by, at=moment, origin=origin)
        return task

    def _log_task(
        self,
        kind: str,
        task: Task,
        by: int,
        moment: float,
        after: list[dict[str, object]] | None = None,
        before: list[dict[str, object]] | None = None,
    ) -> None:
        entity, number = "task", task.id
        if self.faults.task_event_entity == "lead" and task.entity == "leads" and task.entity_id:
            entity, number = "lead", task.entity_id
        self.log(kind, entity, number, by=by, at=moment, after=after, before=before)
