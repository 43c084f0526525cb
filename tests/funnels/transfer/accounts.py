"""Two accounts that describe the same business in different words: one in Russian, one in English."""

from app.domain.evidence import EvidenceKind
from app.domain.stage import Catalog, DealField, FieldKind, Pipeline, Stage, StageKind, StageRef, User
from app.funnels.document import FunnelDocument
from app.funnels.transfer.target import Target
from tests.funnels.account import BUDGET, KIND, REQUIREMENTS
from tests.funnels.account import catalog as seller_catalog

ABROAD = "0"
ENTRY, FIRST, TALKS, NEEDS, OFFER, DOUBTS, BILL, WON, LOST, JUNK = (
    "C0:INTAKE", "C0:NEW", "C0:TALKS", "C0:NEEDS", "C0:OFFER", "C0:DOUBTS", "C0:BILL", "C0:WON", "C0:LOSE",
    "C0:JUNK",
)  # fmt: skip
_STAGES = (
    (FIRST, "New lead", StageKind.OPEN),
    (TALKS, "First conversation", StageKind.OPEN),
    (NEEDS, "Qualification", StageKind.OPEN),
    (OFFER, "Proposal sent", StageKind.OPEN),
    (DOUBTS, "Objections", StageKind.OPEN),
    (BILL, "Invoice sent", StageKind.OPEN),
    (WON, "Deal won", StageKind.WON),
    (LOST, "Deal lost", StageKind.LOST),
    (JUNK, "Junk", StageKind.LOST),
)
CLIENT_TYPE = DealField(
    "UF_1", "Client type", FieldKind.CHOICE, (("51", "Urgent"), ("52", "Choosing"), ("53", "Tender"))
)
NEED = DealField("UF_2", "Requirements", FieldKind.TEXT)
MONEY = DealField("UF_3", "Budget", FieldKind.NUMBER)
CHIEF = User("7", "Maria Ilina", is_admin=True)
SELLER = User("8", "Petrov Ivan")


def abroad(*fields: DealField, stages: tuple[tuple[str, str, StageKind], ...] = _STAGES) -> Catalog:
    """The English account with these fields; the usual three unless told."""
    listed = tuple(
        Stage(StageRef(ABROAD, stage_id), title, kind, position)
        for position, (stage_id, title, kind) in enumerate(stages)
    )
    pipeline = Pipeline(ABROAD, "Sales", listed, is_main=True)
    return Catalog((pipeline,), (CHIEF, SELLER), fields or (CLIENT_TYPE, NEED, MONEY))


def home(*fields: DealField) -> Catalog:
    """The Russian account; the usual three fields unless told."""
    return seller_catalog(*(fields or (KIND, REQUIREMENTS, BUDGET)))


def target(catalog: Catalog, **more: object) -> Target:
    """The account of that catalog with its first pipeline."""
    given: dict[str, object] = {"unseen": frozenset[EvidenceKind](), **more}
    return Target(catalog, catalog.pipelines[0], **given)  # type: ignore[arg-type]


def document(**segment: object) -> FunnelDocument:
    """A mapping of one segment, of which only what is told is said."""
    return FunnelDocument.model_validate({"segments": [{"key": "all", "title": "Все", **segment}]})
