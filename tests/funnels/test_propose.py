"""The proposal reads an account's stages, fields and tags, and its judge tells proof from noise."""

from datetime import timedelta
from typing import Any

import pytest

from app.domain.deal import Deal, MoveOrigin, StageMove
from app.domain.evaluate import evaluate
from app.domain.evidence import Direction, Evidence, EvidenceKind, Grade
from app.domain.funnel import FunnelVersion
from app.domain.stage import Catalog, DealField, FieldKind, StageRef
from app.domain.verdict import Outcome, Verdict
from app.errors import Invalid
from app.funnels.document import FunnelDocument
from app.funnels.problems import errors_among
from app.funnels.propose import propose
from app.funnels.templates import TEMPLATES
from app.funnels.validate import problems_of
from tests.factories import NOW
from tests.funnels.account import (
    BUDGET,
    KIND,
    NEEDS,
    NEW,
    OFFER,
    PIPELINE,
    REQUIREMENTS,
    TALKS,
    catalog,
    pipeline,
)

PAST = NOW - timedelta(days=30)


def proposal_for(account: Catalog, **wishes: Any) -> FunnelDocument:
    return propose(account, account.pipelines[0], "ru", **wishes)


def version_of(document: FunnelDocument, account: Catalog) -> FunnelVersion:
    return document.to_version(PIPELINE, 1, account.pipelines[0].stages, PAST)


def fact(
    kind: EvidenceKind, hours: float, direction: Direction | None = None, seconds: int = 0, subject: str = ""
) -> Evidence:
    at = NOW + timedelta(hours=hours)
    grade = Grade.D if kind is EvidenceKind.FIELD else Grade.B
    return Evidence(f"{kind}{hours}", "1", kind, grade, at, at, direction, seconds, subject, "сорок мест")


def judged(version: FunnelVersion, *facts: Evidence) -> Verdict:
    to = StageRef(PIPELINE, OFFER)
    deal = Deal("1", "Ромашка", to, PAST, NOW, NOW)
    at = NOW + timedelta(hours=10)
    move = StageMove("m1", "1", StageRef(PIPELINE, NEEDS), to, "2", MoveOrigin.PERSON, at, at)
    return evaluate(version, deal, move, facts, at)


REQUESTED = fact(EvidenceKind.FORM, 0)
TALKED = fact(EvidenceKind.CALL, 1, Direction.OUTGOING, 240)
WROTE_NEEDS = fact(EvidenceKind.MAIL, 2, Direction.INCOMING)
FILLED_NEEDS = fact(EvidenceKind.FIELD, 3, subject=REQUIREMENTS.id)


@pytest.mark.parametrize("account", [catalog(), catalog(REQUIREMENTS, BUDGET)], ids=["no fields", "fields"])
def test_a_client_who_never_got_the_proposal_holds_its_stage(account: Catalog) -> None:
    version = version_of(proposal_for(account), account)
    verdict = judged(version, REQUESTED, TALKED, WROTE_NEEDS, FILLED_NEEDS)
    assert verdict.outcome is Outcome.BLOCKED
    assert [result.key for result in verdict.unmet] == ["proposal"]


@pytest.mark.parametrize("account", [catalog(), catalog(REQUIREMENTS, BUDGET)], ids=["no fields", "fields"])
@pytest.mark.parametrize(
    "reply",
    [
        fact(EvidenceKind.CALL, 5, Direction.INCOMING, 120),
        fact(EvidenceKind.CALL, 5, Direction.OUTGOING, 61),
        fact(EvidenceKind.MESSAGE, 5, Direction.INCOMING),
        fact(EvidenceKind.MAIL, 5, Direction.INCOMING),
        fact(EvidenceKind.TAG, 5, subject="КП открыто"),
    ],
    ids=["he calls for two minutes", "he answers for a minute", "message", "mail", "tag"],
)
def test_what_the_client_does_after_his_requirements_opens_the_stage(
    account: Catalog, reply: Evidence
) -> None:
    version = version_of(proposal_for(account), account)
    verdict = judged(version, REQUESTED, TALKED, WROTE_NEEDS, FILLED_NEEDS, reply)
    assert verdict.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    "ours",
    [
        fact(EvidenceKind.MAIL, 5, Direction.OUTGOING),
        fact(EvidenceKind.MESSAGE, 5, Direction.OUTGOING),
        fact(EvidenceKind.CALL, 5, Direction.OUTGOING, 20),
        fact(EvidenceKind.NOTE, 5),
        fact(EvidenceKind.TASK, 5),
    ],
    ids=["mail", "message", "unanswered call", "note", "task"],
)
def test_what_the_seller_does_proves_nothing(ours: Evidence) -> None:
    account = catalog(REQUIREMENTS)
    version = version_of(proposal_for(account), account)
    verdict = judged(version, REQUESTED, TALKED, WROTE_NEEDS, FILLED_NEEDS, ours)
    assert verdict.outcome is Outcome.BLOCKED


def test_every_stage_of_the_usual_pipeline_rests_on_a_client_step() -> None:
    segment = proposal_for(catalog()).segments[0]
    assert [(gate.stage_id, gate.checkpoint_keys) for gate in segment.gates] == [
        (NEW, ["request"]),
        (TALKS, ["answered", "told_task"]),
        (NEEDS, ["requirements"]),
        (OFFER, ["proposal"]),
        ("6", ["terms"]),
        ("7", ["invoice"]),
        ("142", ["payment"]),
    ]


def test_every_gate_begins_in_shadow_mode() -> None:
    gates = [gate for segment in proposal_for(catalog(KIND)).segments for gate in segment.gates]
    assert {gate.mode.value for gate in gates} == {"shadow"}


def test_the_stage_of_the_sent_proposal_asks_whether_it_was_opened() -> None:
    steps = {step.key: step for step in proposal_for(catalog()).segments[0].checkpoints}
    assert steps["proposal"].title == "Клиент получил и открыл КП"
    assert steps["proposal"].proof.after == "requirements"


def test_a_field_that_names_kinds_of_client_becomes_segments_with_a_last_one_for_the_rest() -> None:
    segments = proposal_for(catalog(KIND)).segments
    assert [(segment.key, segment.title) for segment in segments] == [
        ("urgent", "Срочно"),
        ("choosing", "Выбирают"),
        ("tender", "Тендер"),
        ("rest", "Остальные"),
    ]
    assert segments[0].conditions[0].model_dump(mode="json") == {
        "subject": "field:81",
        "operator": "equals",
        "value": "Срочно",
    }
    assert segments[-1].conditions == []


def test_each_kind_of_client_has_his_own_order_of_steps() -> None:
    steps = {
        segment.key: [step.key for step in segment.checkpoints]
        for segment in proposal_for(catalog(KIND)).segments
    }
    assert steps["urgent"] == ["request", "answered", "address_deadline", "payment"]
    assert steps["tender"] == ["brief", "clarified", "bid_accepted", "winner", "invoice", "payment"]
    assert steps["choosing"].index("question") == steps["choosing"].index("proposal") + 1
    assert "question" not in steps["rest"]


def test_tags_split_deals_where_no_field_does() -> None:
    account = catalog()
    document = propose(account, account.pipelines[0], "ru", tags=("тендер", "vip", "повторный клиент"))
    assert [segment.key for segment in document.segments] == ["repeat", "tender", "rest"]
    assert document.segments[1].conditions[0].subject == "tag"


@pytest.mark.parametrize(
    "field",
    [
        DealField("81", "Тип клиента", FieldKind.CHOICE, (("1", "Один"),)),
        DealField("81", "Тип клиента", FieldKind.CHOICE, tuple((str(n), f"Вид {n}") for n in range(7))),
        DealField("81", "Город", FieldKind.CHOICE, (("1", "Москва"), ("2", "Тверь"))),
        DealField("81", "Тип клиента"),
    ],
    ids=["one option", "seven options", "another field", "no options"],
)
def test_a_field_that_tells_no_kinds_apart_leaves_one_segment(field: DealField) -> None:
    assert [segment.title for segment in proposal_for(catalog(field)).segments] == ["Все сделки"]


def test_unknown_options_get_the_usual_order_under_keys_of_their_own() -> None:
    field = DealField("81", "Сегмент", FieldKind.CHOICE, (("5", "Розница"), ("6", "Опт")))
    segments = proposal_for(catalog(field)).segments
    assert [segment.key for segment in segments] == ["kind_1", "kind_2", "rest"]
    assert len({tuple(step.key for step in segment.checkpoints) for segment in segments}) == 1


def test_fields_of_the_account_stand_in_the_proofs() -> None:
    steps = {step.key: step for step in proposal_for(catalog(REQUIREMENTS, BUDGET)).segments[0].checkpoints}
    assert [(each.kind.value, each.subject) for each in steps["requirements"].proof.triggers] == [
        ("field", REQUIREMENTS.id)
    ]
    assert steps["budget"].is_optional


def test_stages_that_no_client_step_holds_stay_open() -> None:
    account = catalog(of=pipeline("В работе", "Воронка 2", "Оплата"))
    segment = proposal_for(account).segments[0]
    assert [gate.stage_id for gate in segment.gates] == ["4"]


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_a_template_lays_all_its_steps_over_the_stages_that_match(template: str) -> None:
    account = catalog(of=pipeline("Заявка", "Разное", "КП отправлено", "Оплата"))
    segment = proposal_for(account, template=template).segments[0]
    assert [step.key for step in segment.checkpoints] == list(TEMPLATES[template])
    assert [(gate.stage_id, gate.checkpoint_keys) for gate in segment.gates] == [
        ("2", ["request"]),
        ("4", ["proposal"]),
        ("5", ["payment"]),
    ]


def test_the_questions_of_a_qualification_never_hold_a_deal_up() -> None:
    account = catalog(of=pipeline("Интерес и квалификация"))
    segment = proposal_for(account, template="universal_six").segments[0]
    (gate,) = segment.gates
    assert gate.checkpoint_keys == ["requirements", "budget", "decider", "deadline"]
    steps = {step.key: step for step in segment.checkpoints}
    assert all(steps[key].is_optional for key in ("budget", "decider", "deadline"))


def test_a_template_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        proposal_for(catalog(), template="nothing")
    assert refusal.value.code == "unknown_template"


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("template", [None, *sorted(TEMPLATES)])
@pytest.mark.parametrize("account", [catalog(), catalog(KIND, REQUIREMENTS, BUDGET)], ids=["bare", "rich"])
def test_a_proposal_can_be_published_as_it_is(account: Catalog, template: str | None, language: str) -> None:
    document = propose(account, account.pipelines[0], language, template=template)
    assert errors_among(problems_of(document, account.pipelines[0], account, language)) == []


def test_a_proposal_speaks_the_language_that_it_is_asked_for() -> None:
    account = catalog()
    segment = propose(account, account.pipelines[0], "en").segments[0]
    assert segment.title == "All deals"
    assert segment.checkpoints[0].title == "Client made a request"


def test_an_answer_that_came_with_the_request_counts_where_a_field_records_it() -> None:
    steps = {step.key: step for step in proposal_for(catalog(REQUIREMENTS)).segments[0].checkpoints}
    assert steps["requirements"].proof.after == ""
    bare = {step.key: step for step in proposal_for(catalog()).segments[0].checkpoints}
    assert bare["requirements"].proof.after == "answered"


def test_a_pipeline_can_be_measured_as_it_is_before_anything_is_asked() -> None:
    (segment,) = proposal_for(catalog(), template="as_is").segments
    assert [step.title for step in segment.checkpoints][:2] == ["Новая заявка", "Первичные переговоры"]
    assert segment.gates == []
