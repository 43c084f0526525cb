"""A proposal never promises a proof that the account's CRM does not give."""

from app.domain.evidence import EvidenceKind
from app.domain.stage import Catalog, DealField, FieldKind
from app.funnels.document import CheckpointDocument, FunnelDocument
from app.funnels.problems import errors_among
from app.funnels.propose import propose
from app.funnels.templates import TEMPLATES
from app.funnels.validate import problems_of
from tests.funnels.account import catalog


def checkpoints(document: FunnelDocument) -> list[CheckpointDocument]:
    return [item for segment in document.segments for item in segment.checkpoints]


def kinds(document: FunnelDocument) -> set[EvidenceKind]:
    return {each.kind for item in checkpoints(document) for each in item.proof.triggers}


def documents(account: Catalog, unseen: frozenset[EvidenceKind]) -> list[FunnelDocument]:
    pipeline = account.pipelines[0]
    return [
        propose(account, pipeline, "ru", template=template, unseen=unseen) for template in (None, *TEMPLATES)
    ]


def test_kinds_that_the_crm_lacks_prove_no_step() -> None:
    unseen = frozenset({EvidenceKind.TAG, EvidenceKind.MAIL})
    found = set[EvidenceKind]().union(*(kinds(each) for each in documents(catalog(), unseen)))
    assert EvidenceKind.CALL in found
    assert not found & unseen


def test_a_step_that_has_no_other_proof_is_vouched_for() -> None:
    account = catalog()
    everything = frozenset(EvidenceKind) - {EvidenceKind.MANUAL}
    for document in documents(account, everything):
        assert kinds(document) == {EvidenceKind.MANUAL}
        assert errors_among(problems_of(document, account.pipelines[0], account, "ru")) == []


def test_a_crm_that_gives_all_kinds_keeps_them() -> None:
    plain = [propose(catalog(), catalog().pipelines[0], "ru", template=each) for each in (None, *TEMPLATES)]
    assert documents(catalog(), frozenset()) == plain
    assert EvidenceKind.TAG in set[EvidenceKind]().union(*map(kinds, plain))


def test_a_payment_that_the_crm_records_proves_the_payment() -> None:
    payment = DealField("payment", "Оплата по сделке", FieldKind.RECORD)
    document = propose(catalog(payment), catalog().pipelines[0], "ru", unseen=frozenset({EvidenceKind.TAG}))
    subjects = {each.subject for item in checkpoints(document) for each in item.proof.triggers}
    assert "payment" in subjects
