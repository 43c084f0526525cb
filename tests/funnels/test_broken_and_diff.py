"""News from the CRM is told against the version in force; differences are told by key."""

from dataclasses import replace

from app.domain.stage import Catalog, Pipeline, Stage
from app.funnels.broken import broken_rules
from app.funnels.diff import changes_between
from app.funnels.document import FunnelDocument
from app.funnels.propose import propose
from app.funnels.versions import PublishedVersion
from tests.factories import NOW
from tests.funnels.account import OFFER, PIPELINE, REQUIREMENTS, catalog


def published(account: Catalog) -> PublishedVersion:
    pipeline = account.pipelines[0]
    document = propose(account, pipeline, "ru")
    return PublishedVersion(PIPELINE, 1, document, pipeline.stages, NOW, "1", "")


def with_stages(account: Catalog, *stages: Stage) -> Catalog:
    pipeline: Pipeline = replace(account.pipelines[0], stages=stages)
    return replace(account, pipelines=(pipeline,))


def codes(version: PublishedVersion, account: Catalog) -> list[tuple[str, str, str]]:
    return [(each.path, each.code, each.severity) for each in broken_rules(version, account, "ru")]


def test_an_unchanged_account_breaks_nothing() -> None:
    account = catalog(REQUIREMENTS)
    assert codes(published(account), account) == []


def test_a_deleted_stage_breaks_its_gate() -> None:
    account = catalog()
    stages = [stage for stage in account.pipelines[0].stages if stage.ref.stage_id != OFFER]
    assert codes(published(account), with_stages(account, *stages)) == [
        ("segments.0.gates.3.stage_id", "unknown_stage", "error")
    ]


def test_a_deleted_field_breaks_its_trigger() -> None:
    assert codes(published(catalog(REQUIREMENTS)), catalog()) == [
        ("segments.0.checkpoints.3.proof.triggers.0.subject", "unknown_field", "error")
    ]


def test_new_renamed_and_reordered_stages_are_told() -> None:
    account = catalog()
    first, second, *others = account.pipelines[0].stages
    new = replace(others[0], ref=replace(others[0].ref, stage_id="77"), title="Пилот")
    renamed = replace(others[0], title="Знакомство")
    changed = with_stages(account, second, first, renamed, *others[1:], new)
    assert {code for _, code, _ in codes(published(account), changed)} == {
        "stage_added",
        "stage_renamed",
        "stages_reordered",
    }


def test_a_deleted_pipeline_is_told_first() -> None:
    account = catalog()
    assert codes(published(account), replace(account, pipelines=())) == [("", "pipeline_gone", "error")]


def changed(document: FunnelDocument) -> FunnelDocument:
    copy = document.model_copy(deep=True)
    segment = copy.segments[0]
    segment.checkpoints[0].title = "Клиент позвонил"
    segment.gates[1].grace_minutes = 30
    del segment.gates[0]
    segment.checkpoints.reverse()
    return copy


def test_equal_documents_do_not_differ() -> None:
    document = published(catalog()).document
    assert changes_between(document, document.model_copy(deep=True)) == []


def test_differences_name_steps_and_gates_by_key() -> None:
    document = published(catalog()).document
    found = [(each.kind, each.path) for each in changes_between(document, changed(document))]
    assert found == [
        ("changed", "segments.all.checkpoints.request.title"),
        ("moved", "segments.all.checkpoints"),
        ("removed", "segments.all.gates.2"),
        ("changed", "segments.all.gates.3.grace_minutes"),
    ]
