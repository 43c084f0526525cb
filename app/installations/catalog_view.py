"""The catalog as the pages read it."""

from collections.abc import Collection
from datetime import datetime

from pydantic import BaseModel

from app.domain.evidence import EvidenceKind
from app.domain.stage import Catalog, Pipeline


class StageView(BaseModel):
    """A column of a pipeline; `kind` is entry, open, won or lost."""

    id: str
    title: str
    kind: str
    position: int
    color: str


class PipelineView(BaseModel):
    """A pipeline with its stages in order."""

    id: str
    title: str
    is_main: bool
    stages: list[StageView]


class OptionView(BaseModel):
    """A choice of a list field."""

    id: str
    label: str


class FieldView(BaseModel):
    """A field of the deal form."""

    id: str
    title: str
    kind: str
    options: list[OptionView]


class UserView(BaseModel):
    """A person of the account."""

    id: str
    name: str
    is_admin: bool
    is_active: bool


class LossReasonView(BaseModel):
    """The seller's own word for a loss."""

    id: str
    title: str


class CatalogView(BaseModel):
    """All that a mapping may refer to. `unseen` are the kinds of evidence that no deal of this CRM has."""

    pipelines: list[PipelineView]
    fields: list[FieldView]
    users: list[UserView]
    loss_reasons: list[LossReasonView]
    unseen: list[EvidenceKind]
    read_at: datetime | None


def view_catalog(catalog: Catalog, unseen: Collection[EvidenceKind]) -> CatalogView:
    """The catalog without archived pipelines."""
    return CatalogView(
        pipelines=[_pipeline(each) for each in catalog.pipelines if not each.is_archived],
        fields=[
            FieldView(
                id=each.id,
                title=each.title,
                kind=each.kind,
                options=[OptionView(id=key, label=label) for key, label in each.options],
            )
            for each in catalog.fields
        ],
        users=[
            UserView(id=user.id, name=user.name, is_admin=user.is_admin, is_active=user.is_active)
            for user in catalog.users
        ],
        loss_reasons=[LossReasonView(id=each.id, title=each.title) for each in catalog.loss_reasons],
        unseen=sorted(unseen),
        read_at=catalog.read_at,
    )


def _pipeline(pipeline: Pipeline) -> PipelineView:
    return PipelineView(
        id=pipeline.id,
        title=pipeline.title,
        is_main=pipeline.is_main,
        stages=[
            StageView(
                id=stage.ref.stage_id,
                title=stage.title,
                kind=stage.kind.value,
                position=stage.position,
                color=stage.color,
            )
            for stage in pipeline.stages
        ],
    )
