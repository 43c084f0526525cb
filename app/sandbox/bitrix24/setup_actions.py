"""What an administrator arranges: people, funnels, stages, custom fields."""

from collections.abc import Iterable, Sequence

from app.sandbox.bitrix24.model import DEAL, DOCUMENT, INVOICE, Category, Refused, Stage, User, UserField
from app.sandbox.bitrix24.roles import Role
from app.sandbox.bitrix24.state import Act, PortalState

COLORS = ("#39A8EF", "#2FC6F6", "#55D0E0", "#47E4C2", "#FFA900", "#FF5752", "#A861AB", "#468EE5")
WON_COLOR, LOST_COLOR = "#7BD500", "#FF5752"
DEFAULT_CODES = ("NEW", "PREPARATION", "PREPAYMENT_INVOICE", "EXECUTING", "FINAL_INVOICE")
INVOICE_CATEGORY = 11
INVOICE_STAGES = (
    ("N", "Новый", None),
    ("S", "Отправлен", None),
    ("P", "Оплачен", "S"),
    ("D", "Не оплачен", "F"),
)
DOCUMENT_CATEGORY = 15
DOCUMENT_STAGES = (
    ("NEW", "Подготовка", None),
    ("SENT", "Отправлен на подпись", None),
    ("SUCCESS", "Подписан всеми", "S"),
    ("FAIL", "Отменён", "F"),
)


class SetupActions(PortalState):
    """Changes of the portal's arrangement. Of funnels and stages no event tells, as in the real portal."""

    def add_user(
        self,
        name: str,
        last_name: str = "",
        *,
        email: str = "",
        is_admin: bool = False,
        is_active: bool = True,
    ) -> User:
        """A new employee."""
        user = User(self.take_id("user"), name, last_name, email, is_admin, is_active)
        self.users[user.id] = user
        data: dict[str, object] = {"ID": user.id, "NAME": name, "LAST_NAME": last_name, "EMAIL": email}
        self.tell("ONUSERADD", data, Act(origin="robot"))
        return user

    def add_role(self, name: str, *user_ids: int) -> Role:
        """A role that lets everybody through, and whose it is."""
        role = Role(self.take_id("role"), name)
        self.roles[role.id] = role
        for user_id in user_ids:
            self.users[user_id].role_id = role.id
        return role

    def add_category(
        self,
        name: str,
        stages: Sequence[str],
        *,
        is_default: bool = False,
        lost: Iterable[str] = ("Сделка провалена",),
    ) -> Category:
        """A funnel of deals; the default one has id 0 and stage codes without a prefix."""
        number = 0 if is_default else self.take_id("category")
        category = Category(number, name, 100 * (len(self.categories) + 1), DEAL, is_default)
        self.categories[DEAL, number] = category
        for index, title in enumerate(stages):
            self.add_stage(number, title, code=_code(index))
        self.add_stage(number, "Сделка успешна", code="WON", semantics="S")
        for index, title in enumerate(lost):
            self.add_stage(number, title, code="LOSE" if index == 0 else "APOLOGY", semantics="F")
        return category

    def add_stage(
        self,
        category_id: int,
        name: str,
        *,
        code: str,
        semantics: str | None = None,
        color: str = "",
        sort: int | None = None,
    ) -> Stage:
        """One stage of a deal funnel, at its end unless `sort` says otherwise."""
        entity = "DEAL_STAGE" if category_id == 0 else f"DEAL_STAGE_{category_id}"
        status_id = code if category_id == 0 else f"C{category_id}:{code}"
        before = self.stages_of(DEAL, category_id)
        last = before[-1].sort if before else 0
        own = {"S": WON_COLOR, "F": LOST_COLOR}.get(semantics or "", COLORS[len(before) % len(COLORS)])
        stage = Stage(
            self.take_id("stage"),
            entity,
            status_id,
            name,
            last + 10 if sort is None else sort,
            color or own,
            semantics,
            category_id,
            is_system=code in {"NEW", "WON", "LOSE"},
        )
        self.stages[DEAL, status_id] = stage
        return stage

    def add_side_stages(self) -> None:
        """The one funnel of smart invoices with its usual stages, and that of documents to sign."""
        self._add_side_funnel(INVOICE, INVOICE_CATEGORY, "SMART_INVOICE_STAGE", INVOICE_STAGES)
        self._add_side_funnel(DOCUMENT, DOCUMENT_CATEGORY, "SMART_DOCUMENT_STAGE", DOCUMENT_STAGES)

    def _add_side_funnel(
        self, kind: int, number: int, entity: str, stages: Sequence[tuple[str, str, str | None]]
    ) -> None:
        self.categories[kind, number] = Category(number, "Общая", 100, kind, is_default=True)
        for index, (code, name, semantics) in enumerate(stages):
            status_id = f"DT{kind}_{number}:{code}"
            self.stages[kind, status_id] = Stage(
                self.take_id("stage"),
                f"{entity}_{number}",
                status_id,
                name,
                10 * (index + 1),
                {"S": WON_COLOR, "F": LOST_COLOR}.get(semantics or "", COLORS[index]),
                semantics,
                number,
                is_system=True,
            )

    def delete_stage(self, stage_id: str) -> None:
        """A stage goes; its deals move nowhere, so they must be gone first. Raises Refused."""
        stage = self.stage(DEAL, stage_id)
        if stage is None:
            raise Refused("NOT_FOUND", "Такой стадии нет")
        if any(deal.stage_id == stage_id for deal in self.items[DEAL].values()):
            raise Refused("STAGE_NOT_EMPTY", "На стадии есть сделки: сначала перенесите их")
        del self.stages[DEAL, stage_id]

    def delete_category(self, category_id: int) -> None:
        """A funnel goes with its stages. Raises Refused while it holds deals."""
        if any(deal.category_id == category_id for deal in self.items[DEAL].values()):
            raise Refused("CATEGORY_NOT_EMPTY", "В воронке есть сделки: сначала перенесите их")
        self.categories.pop((DEAL, category_id), None)
        for stage in self.stages_of(DEAL, category_id):
            del self.stages[DEAL, stage.status_id]

    def add_field(
        self,
        label: str,
        kind: str,
        *,
        name: str = "",
        entity_id: str = "CRM_DEAL",
        choices: Sequence[str] = (),
        is_multiple: bool = False,
        is_mandatory: bool = False,
    ) -> UserField:
        """A custom field. Raises Refused for a name that is taken."""
        number = self.take_id("field")
        code = name or f"UF_CRM_{1_720_000_000_000 + number * 7919}"
        if code in self.user_fields:
            raise Refused("ERROR_CORE", f"Поле {code} для объекта {entity_id} уже существует.")
        field = UserField(number, entity_id, code, kind, label, is_multiple, is_mandatory)
        field.items = {self.take_id("choice"): choice for choice in choices}
        self.user_fields[code] = field
        self._tell_field("ADD", field)
        return field

    def rename_field(self, field: UserField, label: str) -> None:
        """Another label for a custom field."""
        field.label = label
        self._tell_field("UPDATE", field)

    def delete_field(self, field: UserField) -> None:
        """A custom field goes, with all its values."""
        del self.user_fields[field.name]
        for item in self.items[DEAL].values():
            item.fields.pop(field.name, None)
        self._tell_field("DELETE", field)

    def _tell_field(self, what: str, field: UserField) -> None:
        if field.entity_id == "CRM_DEAL":
            data: dict[str, object] = {"ID": field.id, "ENTITY_ID": field.entity_id, "FIELD_NAME": field.name}
            self.tell(f"ONCRMDEALUSERFIELD{what}", {"FIELDS": data}, Act(origin="robot"))


def _code(index: int) -> str:
    return DEFAULT_CODES[index] if index < len(DEFAULT_CODES) else f"UC_{index:06d}"
