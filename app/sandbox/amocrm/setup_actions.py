"""Building an account: users, pipelines, fields, loss reasons, tags."""

from collections.abc import Sequence

from app.sandbox.amocrm.model import (
    LOST,
    WON,
    CustomField,
    FieldEnum,
    LossReason,
    Pipeline,
    Refused,
    Status,
    Tag,
    User,
    Webhook,
)
from app.sandbox.amocrm.state import AccountState

PHONE_ENUMS = ("WORK", "WORKDD", "MOB", "FAX", "HOME", "OTHER")
EMAIL_ENUMS = ("WORK", "PRIV", "OTHER")
STAGE_COLORS = ("#99ccff", "#ffff99", "#ffcc66", "#ffcccc", "#c1e0ff", "#deff81", "#f9deff", "#ffdc7f")


class SetupActions(AccountState):
    """Everything an administrator arranges before work starts."""

    def add_user(
        self,
        name: str,
        *,
        email: str = "",
        is_admin: bool = False,
        is_active: bool = True,
        group_id: int = 0,
        rights: dict[str, object] | None = None,
        user_id: int | None = None,
        lang: str = "ru",
    ) -> User:
        """A new person of the account."""
        number = self.take_id("user", user_id)
        user = User(
            number,
            name,
            email or f"user{number}@example.org",
            is_admin,
            is_active,
            group_id=group_id,
            rights=rights or {},
            lang=lang,
        )
        self.users[number] = user
        return user

    def add_pipeline(
        self,
        name: str,
        stages: Sequence[str | tuple[str, str]],
        *,
        is_main: bool = False,
        pipeline_id: int | None = None,
        unsorted_name: str = "Неразобранное",
        won_name: str = "Успешно реализовано",
        lost_name: str = "Закрыто и не реализовано",
    ) -> Pipeline:
        """A pipeline with its three system stages around `stages` (names, or names with colours).

        Raises Refused when it would have more than 100 statuses.
        """
        if len(stages) + 3 > 100:
            raise Refused("TooMany", "A pipeline holds at most 100 statuses.", "statuses")
        number = self.take_id("pipeline", pipeline_id)
        pipeline = Pipeline(number, name, sort=len(self.pipelines) + 1, is_main=is_main)
        self.pipelines[number] = pipeline
        self._put(pipeline, self.take_id("status"), unsorted_name, 10, "#c1c1c1", kind=1)
        for index, stage in enumerate(stages):
            title, color = (
                (stage, STAGE_COLORS[index % len(STAGE_COLORS)]) if isinstance(stage, str) else stage
            )
            self._put(pipeline, self.take_id("status"), title, 20 + index * 10, color)
        self._put(pipeline, WON, won_name, 10_000, "#CCFF66")
        self._put(pipeline, LOST, lost_name, 11_000, "#D5D8DB")
        return pipeline

    def _put(self, pipeline: Pipeline, number: int, name: str, sort: int, color: str, kind: int = 0) -> None:
        system = kind == 1 or number in {WON, LOST}
        pipeline.statuses[number] = Status(number, pipeline.id, name, sort, color, kind, not system)

    def add_field(
        self,
        entity: str,
        name: str,
        kind: str = "text",
        *,
        code: str | None = None,
        enums: Sequence[str] = (),
        is_api_only: bool = False,
        is_predefined: bool = False,
        required_statuses: Sequence[tuple[int, int]] = (),
        field_id: int | None = None,
    ) -> CustomField:
        """A custom field of leads, contacts or companies; `required_statuses` are (pipeline, status)."""
        number = self.take_id("field", field_id)
        choices = [
            FieldEnum(self.take_id("enum"), value, (index + 1) * 10) for index, value in enumerate(enums)
        ]
        created = CustomField(
            number,
            entity,
            name,
            kind,
            code,
            500 + len(self.fields),
            choices,
            is_api_only,
            is_predefined,
            list(required_statuses),
        )
        self.fields[number] = created
        return created

    def add_system_fields(self) -> tuple[CustomField, CustomField]:
        """The phone and e-mail fields that every account has, for contacts and companies."""
        for entity in ("companies", "contacts"):
            phone = self.add_field(
                entity, "Телефон", "multitext", code="PHONE", enums=PHONE_ENUMS, is_predefined=True
            )
            email = self.add_field(
                entity, "Email", "multitext", code="EMAIL", enums=EMAIL_ENUMS, is_predefined=True
            )
        return phone, email

    def field_by_code(self, entity: str, code: str) -> CustomField | None:
        """A field by its code within one entity kind."""
        for found in self.fields.values():
            if found.entity == entity and found.code == code:
                return found
        return None

    def add_loss_reason(self, name: str) -> LossReason:
        """A reason that can be chosen when a deal is lost."""
        number = self.take_id("reason")
        reason = LossReason(number, name, 100_000 + len(self.loss_reasons), int(self.now()))
        self.loss_reasons[number] = reason
        return reason

    def tag(self, entity: str, name: str, color: str | None = None) -> Tag:
        """The tag of that name, made when there is none."""
        for found in self.tags.values():
            if found.entity == entity and found.name == name:
                return found
        created = Tag(self.take_id("tag"), entity, name, color)
        self.tags[created.id] = created
        return created

    def add_stage_trigger(self, pipeline_id: int, status_id: int, destination: str) -> Webhook:
        """A Digital Pipeline trigger: a minimal hook on entering one stage, sent once, never retried."""
        number, second = self.take_id("webhook"), int(self.now())
        hook = Webhook(number, destination, [], 0, second, second, dp_stage=(pipeline_id, status_id))
        self.hooks[number] = hook
        return hook
