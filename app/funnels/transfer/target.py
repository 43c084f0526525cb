"""The account that a file is brought into, as far as the matching looks at it."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from app.domain.evidence import EvidenceKind
from app.domain.stage import Catalog, DealField, Pipeline, Stage, User


class Listed(StrEnum):
    """The lists in which a file's names are matched."""

    STAGE = "stage"
    FIELD = "field"
    CHOICE = "choice"
    PERSON = "person"
    SOURCE = "source"


@dataclass(frozen=True)
class Target:
    """The account. `sources` are those seen on its deals, `unseen` the kinds of evidence that its CRM
    does not have, `is_same` tells that the file was made in this very account."""

    catalog: Catalog
    pipeline: Pipeline
    is_same: bool = False
    sources: tuple[str, ...] = ()
    unseen: frozenset[EvidenceKind] = frozenset()

    @property
    def other_stages(self) -> list[Stage]:
        """Stages of all other pipelines."""
        pipelines = (each for each in self.catalog.pipelines if each.id != self.pipeline.id)
        return [stage for pipeline in pipelines if not pipeline.is_archived for stage in pipeline.stages]

    @property
    def people(self) -> list[User]:
        """Those who work there now."""
        return [user for user in self.catalog.users if user.is_active]

    def pipeline_title(self, stage: Stage) -> str:
        """The name of the stage's pipeline."""
        found = self.catalog.pipeline(stage.ref.pipeline_id)
        return found.title if found else ""

    def field(self, field_id: str) -> DealField | None:
        """The field of that id, or None."""
        return self._fields.get(field_id)

    @cached_property
    def _fields(self) -> dict[str, DealField]:
        return {each.id: each for each in self.catalog.fields}
