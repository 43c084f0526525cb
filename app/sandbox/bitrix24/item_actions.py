"""What happens to deals and smart invoices: they are made, moved, edited, deleted."""

from collections.abc import Mapping

from app.sandbox.bitrix24.model import (
    CHANGED_CATEGORY,
    CREATED,
    DEAL,
    DOCUMENT,
    FINISHED,
    INVOICE,
    MOVED,
    HistoryRow,
    Item,
    Refused,
    Stage,
)
from app.sandbox.bitrix24.setup_actions import SetupActions
from app.sandbox.bitrix24.state import Act

DEEPEST = 20
NO_RIGHT = "У вас недостаточно прав для изменения стадии"


class ItemActions(SetupActions):
    """Changes of deals and invoices. Values are given by attribute name, custom ones as `UF_…`."""

    _depth = 0

    def create_item(self, title: str, act: Act, *, entity_type_id: int = DEAL, **values: object) -> Item:
        """A new deal or invoice with these values; see `make_item`."""
        return self.make_item(title, act, values, entity_type_id)

    def make_item(
        self, title: str, act: Act, given: Mapping[str, object], entity_type_id: int = DEAL
    ) -> Item:
        """A new deal or invoice, in the first stage of the first funnel unless told otherwise.

        Raises Refused for a stage or funnel that does not exist; nothing is stored then.
        """
        values = dict(given)
        category_id = self._category(entity_type_id, values.pop("category_id", None))
        first = self.stages_of(entity_type_id, category_id)[0].status_id
        stage = self._checked_stage(entity_type_id, category_id, str(values.pop("stage_id", "") or first))
        at = self.moment(act)
        assigned = values.pop("assigned_by_id", 0)
        number = self.take_id(f"item{entity_type_id}")
        item = Item(
            entity_type_id,
            number,
            title or f"{'Сделка' if entity_type_id == DEAL else 'Счёт'} #{number}",
            category_id,
            stage.status_id,
            assigned if isinstance(assigned, int) and assigned else act.by or 1,
            act.by,
            at,
            act.by,
            at,
            act.by,
            at,
            act.by,
            at,
        )
        item.begin_date = at
        for name, value in values.items():
            _put(item, name, value)
        item.closed = stage.semantics is not None
        item.account_number = str(number)
        self.items[entity_type_id][item.id] = item
        if self.faults.history_keeps_creation:
            self._enter(item, stage, CREATED if stage.semantics is None else FINISHED, at)
        self._tell_item("ADD", item, act)
        self._run_robots(item, stage)
        return item

    def update_item(self, item: Item, changes: Mapping[str, object], act: Act) -> bool:
        """Save the values that differ; False when none does (then no event either).

        Raises Refused for a foreign stage, a missing required field, or a move that the user's role
        refuses; nothing is changed then.
        """
        wanted = {name: value for name, value in changes.items() if _get(item, name) != value}
        if "category_id" in wanted:
            wanted = self._with_stage(item, wanted)
        stage = self._new_stage(item, wanted, act)
        if not wanted:
            return False
        at = self.moment(act)
        old_stage = item.stage_id
        for name, value in wanted.items():
            _put(item, name, value)
        item.updated_by, item.updated_time = act.by, max(item.updated_time, at)
        with self.batch():
            if stage is not None:
                self._moved(item, old_stage, stage, "category_id" in wanted, act)
            self._tell_item("CATEGORY" if "category_id" in wanted else "UPDATE", item, act)
        if stage is not None:
            self._run_robots(item, stage)
        return True

    def move_item(self, item: Item, stage_id: str, act: Act) -> bool:
        """Put a deal into another stage, of another funnel too; False when it already stands there."""
        stage = self.stage(item.entity_type_id, stage_id)
        category_id = item.category_id if stage is None else stage.category_id
        return self.update_item(item, {"category_id": category_id, "stage_id": stage_id}, act)

    def delete_item(self, item: Item, act: Act) -> None:
        """A deal goes for good, its history with it."""
        del self.items[item.entity_type_id][item.id]
        for row in self.history_of.pop(item.link, []):
            del self.history[row.id]
        self._tell_item("DELETE", item, act)

    def _category(self, entity_type_id: int, wanted: object) -> int:
        if isinstance(wanted, int):
            if (entity_type_id, wanted) not in self.categories:
                raise Refused("CRM_FIELD_ERROR_VALUE_NOT_VALID", "Воронка не найдена")
            return wanted
        known = sorted(number for kind, number in self.categories if kind == entity_type_id)
        return known[0]

    def _checked_stage(self, entity_type_id: int, category_id: int, stage_id: str) -> Stage:
        stage = self.stage(entity_type_id, stage_id)
        if stage is None or stage.category_id != category_id:
            raise Refused("CRM_FIELD_ERROR_VALUE_NOT_VALID", 'Неверное значение поля "Стадия"')
        return stage

    def _with_stage(self, item: Item, wanted: dict[str, object]) -> dict[str, object]:
        """A change of funnel lands in the wanted stage, else in the first one of the new funnel."""
        category_id = self._category(item.entity_type_id, wanted["category_id"])
        if "stage_id" in wanted:
            return wanted
        return wanted | {"stage_id": self.stages_of(item.entity_type_id, category_id)[0].status_id}

    def _new_stage(self, item: Item, wanted: dict[str, object], act: Act) -> Stage | None:
        if "stage_id" not in wanted:
            return None
        new_category = wanted.get("category_id", item.category_id)
        category_id = new_category if isinstance(new_category, int) else item.category_id
        stage = self._checked_stage(item.entity_type_id, category_id, str(wanted["stage_id"]))
        if "category_id" not in wanted:
            self._check_right(item, stage, act)
            self._check_required(item, wanted, stage, act)
        return stage

    def _check_right(self, item: Item, stage: Stage, act: Act) -> None:
        """A role says where deals may go from each stage; a plan without roles lets everybody through."""
        user = self.users.get(act.by)
        if act.origin == "robot" or user is None or user.is_admin or not self.faults.role_rights:
            return
        way = f"{item.stage_id}>{stage.status_id}"
        role, start = self.roles.get(user.role_id), self.stage(item.entity_type_id, item.stage_id)
        is_let = role is None or start is None or item.entity_type_id != DEAL or role.lets(start, stage)
        if not is_let or {stage.status_id, way} & user.refused_stages:
            raise Refused(self.faults.refused_move_code, NO_RIGHT)

    def _check_required(self, item: Item, wanted: dict[str, object], stage: Stage, act: Act) -> None:
        """Fields that are mandatory by stage: people always, the API by its switches, robots never."""
        if stage.semantics == "F" or act.origin == "robot":
            return
        for name in stage.required:
            is_custom = name.startswith("UF_")
            if act.origin == "api" and is_custom and not self.faults.required_custom_fields:
                continue
            if act.origin == "api" and not self.faults.strict_required_fields:
                continue
            if _is_empty(wanted.get(name, _get(item, name))):
                title = self.user_fields[name].label if is_custom else name
                raise Refused("CRM_FIELD_ERROR_REQUIRED", f"Не заполнено обязательное поле «{title}»")

    def _moved(self, item: Item, old_stage: str, stage: Stage, changed_category: bool, act: Act) -> None:
        at = self.moment(act)
        item.previous_stage_id = old_stage
        item.moved_by, item.moved_time = act.by, at
        item.closed = stage.semantics is not None
        if item.closed and item.entity_type_id == DEAL:
            item.close_date = at
        kind = MOVED if stage.semantics is None else FINISHED
        self._enter(item, stage, CHANGED_CATEGORY if changed_category else kind, at)

    def _enter(self, item: Item, stage: Stage, kind: int, at: float) -> None:
        rows = self.history_of.setdefault(item.link, [])
        if rows and rows[-1].stage_id == stage.status_id:
            return
        row = HistoryRow(
            self.take_id("history"),
            kind,
            item.entity_type_id,
            item.id,
            at,
            stage.category_id,
            stage.status_id,
            stage.semantics or "P",
        )
        rows.append(row)
        self.history[row.id] = row

    def _tell_item(self, what: str, item: Item, act: Act) -> None:
        fields: dict[str, object] = {"ID": item.id}
        if item.entity_type_id in (INVOICE, DOCUMENT):
            fields["ENTITY_TYPE_ID"] = item.entity_type_id
            name = "UPDATE" if what == "CATEGORY" else what
            deal = item.parents.get(DEAL)
            link = (DEAL, deal) if deal else None
            self.tell(f"ONCRMDYNAMICITEM{name}", {"FIELDS": fields}, act, link)
            self.tell(f"ONCRMDYNAMICITEM{name}_{item.entity_type_id}", {"FIELDS": fields}, act, link)
        elif what == "CATEGORY":
            fields |= {"CATEGORY_ID": item.category_id, "STAGE_ID": item.stage_id}
            self.tell("ONCRMDEALMOVETOCATEGORY", {"FIELDS": fields}, act, item.link)
        else:
            self.tell(f"ONCRMDEAL{what}", {"FIELDS": fields}, act, item.link)

    def sign_document(self, document: Item) -> None:
        """The client signs. Whether the service moves the item to its last stage is not documented."""
        if not self.faults.signing_moves_document:
            return
        stages = self.stages_of(DOCUMENT, document.category_id)
        signed = next(stage for stage in stages if stage.semantics == "S")
        self.update_item(document, {"stage_id": signed.status_id}, Act(origin="robot"))

    def _run_robots(self, item: Item, stage: Stage) -> None:
        """The automation of a stage; a chain of robots that never ends is cut."""
        if self._depth >= DEEPEST:
            return
        self._depth += 1
        try:
            for robot in self.robots.get(stage.status_id, []):
                if robot.kind == "move":
                    self.move_item(item, robot.value, Act(origin="robot"))
                else:
                    self.on_robot(item, robot.kind, robot.value)
        finally:
            self._depth -= 1

    def on_robot(self, item: Item, kind: str, value: str) -> None:
        """What robots do besides moving; the timeline knows."""


def _get(item: Item, name: str) -> object:
    return item.fields.get(name) if name.startswith("UF_") else getattr(item, name)


def _put(item: Item, name: str, value: object) -> None:
    if name.startswith("UF_"):
        if _is_empty(value):
            item.fields.pop(name, None)
        else:
            item.fields[name] = value
    else:
        setattr(item, name, value)


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [], 0, 0.0)
