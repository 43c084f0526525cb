"""A file becomes a mapping of the account; whatever does not come over is named."""

from typing import Any

from app.domain.evidence import EvidenceKind
from app.domain.stage import Catalog, DealField, FieldKind, Pipeline, Stage, StageKind, StageRef
from app.funnels.document import FunnelDocument
from app.funnels.problems import errors_among
from app.funnels.propose import propose
from app.funnels.transfer.carry import Carrier
from app.funnels.transfer.export import file_of
from app.funnels.transfer.file import Origin, TransferFile
from app.funnels.transfer.matching import match
from app.funnels.transfer.read import read_file
from app.funnels.transfer.report import Report, ReportLine
from app.funnels.transfer.target import Listed, Target
from app.funnels.transfer.usage import usage_of
from app.funnels.transfer.write import text_of
from app.funnels.validate import problems_of
from tests.funnels.account import BILL, DOUBTS, OFFER
from tests.funnels.transfer.accounts import OFFER as OFFER_ABROAD
from tests.funnels.transfer.accounts import abroad, document, home, target

Carried = tuple[FunnelDocument, list[ReportLine]]
NO_TAGS = frozenset({EvidenceKind.TAG})


def file_from(mapping: FunnelDocument, account: Catalog) -> TransferFile:
    """The file after it was text."""
    return read_file(text_of(file_of(mapping, account, account.pipelines[0], Origin()), "ru"), "ru")


def carried(
    mapping: FunnelDocument,
    to: Target,
    account: Catalog | None = None,
    chosen: Any = None,
    *,
    keeps_modes: bool = True,
) -> Carried:
    file = file_from(mapping, account or home())
    report = Report("ru")
    matching = match(file, to, usage_of(file, "ru"), chosen or {})
    return Carrier(file, to, matching, report, keeps_modes).document(), report.lines


def codes(lines: list[ReportLine]) -> list[str]:
    return [each.code for each in lines]


def step(*triggers: dict[str, Any], key: str = "a", **proof: Any) -> dict[str, Any]:
    return {"key": key, "title": "Клиент ответил", "proof": {"triggers": list(triggers), **proof}}


FIELD = {"kind": "field", "subject": "81", "value": "Срочно"}
CALL = {"kind": "call", "direction": "incoming", "least_seconds": 40}


def test_in_the_same_account_a_mapping_comes_back_to_the_letter() -> None:
    account = home()
    mapping = propose(account, account.pipelines[0], "ru")
    mapping.segments[0].gates[0].mode = mapping.segments[0].gates[0].mode.ENFORCE
    assert carried(mapping, target(account, is_same=True, unseen=NO_TAGS)) == (mapping, [])


def test_the_proposed_mapping_works_in_an_account_of_another_language() -> None:
    account, to = home(), target(abroad(), unseen=NO_TAGS)
    mapping = propose(account, account.pipelines[0], "ru")
    made, lines = carried(mapping, to)
    assert errors_among(problems_of(made, to.pipeline, to.catalog, "ru")) == []
    assert [len(each.gates) for each in made.segments] == [len(each.gates) for each in mapping.segments]
    rule = made.segments[0].conditions[0]
    assert (rule.subject, rule.value) == ("field:UF_1", "Urgent")
    assert set(codes(lines)) == {"unseen_trigger_left_out"}


def test_a_rule_of_a_stage_without_a_pair_is_left_out_and_named() -> None:
    mapping = document(checkpoints=[step(CALL)], gates=[{"stage_id": OFFER, "checkpoint_keys": ["a"]}])
    made, lines = carried(mapping, target(abroad()), chosen={(Listed.STAGE, "КП отправлено", ""): ""})
    assert made.segments[0].gates == []
    assert [each.key for each in made.segments[0].checkpoints] == ["a"]
    assert [(each.code, each.is_left_out) for each in lines] == [("gate_left_out", True)]
    assert "КП отправлено" in lines[0].place + lines[0].sentence


def test_a_proof_by_a_field_without_a_pair_is_left_out_and_named() -> None:
    made, lines = carried(document(checkpoints=[step(CALL, FIELD)]), target(abroad(DealField("U", "Zzz"))))
    assert [each.kind.value for each in made.segments[0].checkpoints[0].proof.triggers] == ["call"]
    assert codes(lines) == ["field_trigger_left_out"]
    assert "Тип клиента" in lines[0].sentence


def test_a_proof_that_needed_all_is_told_to_be_easier_now() -> None:
    mapping = document(checkpoints=[step(CALL, FIELD, combine="all")])
    _, lines = carried(mapping, target(abroad(DealField("U", "Zzz"))))
    assert codes(lines) == ["field_trigger_left_out", "proof_easier"]


def test_a_step_that_lost_every_proof_is_shown_by_the_validator() -> None:
    to = target(abroad(DealField("U", "Zzz")))
    made, _ = carried(document(checkpoints=[step(FIELD)]), to)
    found = problems_of(made, to.pipeline, to.catalog, "ru")
    assert "no_proof" in {each.code for each in errors_among(found)}


def test_a_segment_never_grows_when_its_condition_has_no_pair() -> None:
    rule = [{"subject": "field:81", "operator": "equals", "value": "Срочно"}]
    to = target(abroad(DealField("Тип клиента", "Zzz")))
    made, lines = carried(document(conditions=rule), to)
    assert codes(lines) == ["condition_open"]
    assert len(made.segments[0].conditions) == 1
    found = errors_among(problems_of(made, to.pipeline, to.catalog, "ru"))
    assert [each.code for each in found] == ["unknown_field"]


def test_a_choice_that_is_missing_is_named_in_conditions_and_proofs() -> None:
    account = abroad(DealField("U", "Тип клиента", FieldKind.CHOICE, (("1", "Один"), ("2", "Два"))))
    rule = [{"subject": "field:81", "operator": "equals", "value": "Срочно"}]
    chosen = {(Listed.CHOICE, "Тип клиента", "Срочно"): ""}
    made, lines = carried(
        document(conditions=rule, checkpoints=[step(FIELD)]), target(account), chosen=chosen
    )
    assert codes(lines) == ["condition_choice", "choice_trigger_left_out"]
    assert made.segments[0].checkpoints[0].proof.triggers == []


def test_a_free_value_that_is_no_choice_here_is_named() -> None:
    account = abroad(DealField("U", "Город", FieldKind.CHOICE, (("1", "Омск"), ("2", "Тула"))))
    before = home(DealField("9", "Город"))
    trigger = {"kind": "field", "subject": "9", "value": "Псков"}
    _, lines = carried(document(checkpoints=[step(CALL, trigger)]), target(account), before)
    assert codes(lines) == ["choice_trigger_left_out"]


def test_rules_brought_to_one_stage_are_put_together_the_milder_mode_wins() -> None:
    gates = [
        {"stage_id": DOUBTS, "checkpoint_keys": ["a"], "mode": "enforce", "grace_minutes": 5},
        {"stage_id": BILL, "checkpoint_keys": ["b", "a"], "mode": "warn"},
    ]
    mapping = document(checkpoints=[step(CALL), step(CALL, key="b")], gates=gates)
    chosen = {(Listed.STAGE, name, ""): OFFER_ABROAD for name in ("Снятие возражений", "Счёт выставлен")}
    made, lines = carried(mapping, target(abroad()), chosen=chosen)
    (gate,) = made.segments[0].gates
    assert (gate.stage_id, gate.checkpoint_keys, gate.mode.value, gate.grace_minutes) == (
        OFFER_ABROAD,
        ["a", "b"],
        "warn",
        5,
    )
    assert codes(lines) == ["gates_merged"]


def test_strict_rules_of_another_account_only_watch_until_somebody_says_so() -> None:
    gates = [{"stage_id": OFFER, "checkpoint_keys": ["a"], "mode": "enforce"}]
    mapping = document(checkpoints=[step(CALL)], gates=gates)
    watching, lines = carried(mapping, target(abroad()), keeps_modes=False)
    assert watching.segments[0].gates[0].mode.value == "shadow"
    assert codes(lines) == ["modes_watch"]
    strict, lines = carried(mapping, target(abroad()))
    assert strict.segments[0].gates[0].mode.value == "enforce"
    assert lines == []


def test_a_stage_of_another_pipeline_is_brought_over_by_both_names() -> None:
    def with_other(account: Catalog, pipeline_id: str, stage_id: str) -> Catalog:
        ref = StageRef(pipeline_id, stage_id)
        other = Pipeline(pipeline_id, "Договоры", (Stage(ref, "Подписан", StageKind.OPEN, 0),))
        return Catalog((*account.pipelines, other), account.users, account.fields)

    trigger = {"kind": "stage", "subject": "20:4"}
    mapping = document(checkpoints=[step(trigger)])
    before = with_other(home(), "20", "4")
    made, lines = carried(mapping, target(with_other(abroad(), "3", "C3:SIGNED")), before)
    assert made.segments[0].checkpoints[0].proof.triggers[0].subject == "3:C3:SIGNED"
    assert lines == []
    made, lines = carried(mapping, target(abroad()), before)
    assert made.segments[0].checkpoints[0].proof.triggers == []
    assert codes(lines) == ["stage_trigger_left_out"]


def test_a_stage_of_the_same_pipeline_proves_a_step_there_too() -> None:
    mapping = document(checkpoints=[step({"kind": "stage", "subject": f"10:{OFFER}"})])
    made, _ = carried(mapping, target(abroad()))
    assert made.segments[0].checkpoints[0].proof.triggers[0].subject == f"0:{OFFER_ABROAD}"


def test_numbers_that_only_the_other_account_knows_are_left_out_and_named() -> None:
    mapping = document(checkpoints=[step(CALL, {"kind": "task", "subject": "2817"})])
    _, lines = carried(mapping, target(abroad()))
    assert codes(lines) == ["own_code_left_out"]
    _, lines = carried(mapping, target(home(), is_same=True))
    assert lines == []


def test_sources_tags_and_sums_that_need_a_look_are_named() -> None:
    rules = [
        {"subject": "source", "operator": "equals", "value": "Сайт"},
        {"subject": "tag", "operator": "equals", "value": "опт"},
        {"subject": "price", "operator": "at_least", "value": "100000"},
    ]
    made, lines = carried(document(conditions=rules), target(abroad(), unseen=NO_TAGS, sources=("Web",)))
    assert codes(lines) == ["condition_unseen", "price_as_it_is"]
    assert made.segments[0].conditions[0].value == "Web"
    _, lines = carried(document(conditions=rules[:1]), target(abroad(), sources=("Fax",)))
    assert codes(lines) == ["source_unknown"]


def test_a_value_for_a_field_of_another_kind_is_told_to_be_looked_at() -> None:
    account = abroad(DealField("U", "Срок", FieldKind.YES_NO))
    before = home(DealField("9", "Срок"))
    trigger = {"kind": "field", "subject": "9", "value": "да"}
    _, lines = carried(document(checkpoints=[step(trigger)]), target(account), before)
    assert codes(lines) == ["value_other_kind"]


def test_a_person_in_a_field_of_people_is_brought_over_as_a_person() -> None:
    before = home(DealField("9", "Куратор", FieldKind.PERSON))
    account = abroad(DealField("U", "Куратор", FieldKind.PERSON))
    rule = [{"subject": "field:9", "operator": "equals", "value": "2"}]
    made, lines = carried(document(conditions=rule), target(account), before)
    assert made.segments[0].conditions[0].value == "8"
    assert lines == []
