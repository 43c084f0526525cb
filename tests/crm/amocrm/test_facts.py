"""The documentation's records and the account's own become moves and evidence, or nothing."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.crm.adapters.amocrm.events import event_of, exact_time, in_order
from app.crm.adapters.amocrm.facts import event_facts
from app.crm.adapters.amocrm.moves import moves_of
from app.crm.adapters.amocrm.note_facts import note_facts
from app.crm.adapters.amocrm.records import Holder, deal_of, holders_of
from app.crm.adapters.amocrm.task_facts import task_facts
from app.crm.errors import Unavailable
from app.domain.deal import MoveOrigin
from app.domain.evidence import Direction, EvidenceKind, Grade
from app.domain.stage import FieldKind, StageKind, StageRef
from app.sandbox.amocrm.rest.event_types import KNOWN
from tests.crm.amocrm.kit import Bench

DOCS = Path(__file__).parents[2] / "fixtures" / "amocrm" / "docs"
UNQUOTED = re.compile(r'": (https://[^\s",]+)"?')
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
AT = 1_772_366_400
USER = 504141
REAL_ID, REAL_SECOND = "01pz58t6p04ymgsgfbmfyfy1mf", 1_888_888_888


def examples(page: str) -> list[Any]:
    """The JSON examples of a documentation page, an unquoted address mended; other text is left out."""
    found = json.loads((DOCS / f"crm_platform__{page}.json").read_text(encoding="utf-8"))["examples"]
    parsed = []
    for example in found:
        try:
            parsed.append(
                example["json"] if "json" in example else json.loads(UNQUOTED.sub(r'": "\1"', example["raw"]))
            )
        except ValueError:
            continue
    return parsed


def event(kind: str, after: Any = (), before: Any = (), **more: Any) -> dict[str, Any]:
    """A line of the log about deal 5."""
    return {
        "id": "e1",
        "type": kind,
        "entity_id": 5,
        "entity_type": "lead",
        "created_by": USER,
        "created_at": AT,
        "value_after": list(after),
        "value_before": list(before),
        **more,
    }


def note(kind: str, params: Any, **more: Any) -> dict[str, Any]:
    """A note of deal 5."""
    return {
        "id": 9,
        "entity_id": 5,
        "created_by": USER,
        "created_at": AT,
        "updated_at": AT,
        "note_type": kind,
        "params": params,
        **more,
    }


def test_every_list_of_the_documentation_is_read() -> None:
    found = [page for page in examples("events-and-notes") if isinstance(page, dict)]
    pages = [page.get("_embedded", {}).get("events", []) for page in found]
    lines = [line for page in pages for line in page if "id" in line]
    assert lines
    for line in lines:
        event_facts("5", [event_of(line)], NOW)


def test_the_documentation_s_leads_are_read() -> None:
    pages = examples("leads-api")
    leads = [*pages[0]["_embedded"]["leads"], pages[1]]
    deals = [deal_of(lead, NOW) for lead in leads]
    assert deals[-1].stage == StageRef("3104455", "143")
    assert (deals[-1].source, deals[-1].tags, deals[-1].loss_reason_id) == (
        "API",
        frozenset({"тест"}),
        "4203748",
    )
    assert [str(holder) for holder in holders_of(pages[1])] == ["contacts/10971465", "companies/10971463"]


def test_a_stage_change_of_the_documentation_is_a_move() -> None:
    sides = next(page for page in examples("events-and-notes") if "lead_status" in str(page))
    line = event_of(event("lead_status_changed", sides["value_after"], sides["value_before"]))
    (move,) = moves_of("5", [line], None, NOW, is_whole=False)
    assert move.to_stage == move.from_stage == StageRef("437642", "5233224")
    assert (move.actor_id, move.origin) == (str(USER), MoveOrigin.PERSON)


def test_a_robot_s_move_has_no_author() -> None:
    sides = [{"lead_status": {"id": 1, "pipeline_id": 2}}]
    (move,) = moves_of(
        "5", [event_of(event("lead_status_changed", sides, sides, created_by=0))], None, NOW, is_whole=False
    )
    assert (move.actor_id, move.origin) == ("", MoveOrigin.ROBOT)


@pytest.mark.parametrize("kind", sorted(KNOWN))
def test_every_known_kind_of_event_is_read_without_harm(kind: str) -> None:
    shapes: list[list[Any]] = [[], [{}], [{"note": {"id": 1}}], [None]]
    for after in shapes:
        event_facts("5", [event_of(event(kind, after))], NOW)


def test_an_unknown_kind_proves_nothing() -> None:
    assert event_facts("5", [event_of(event("moon_phase_changed", [{"x": 1}]))], NOW) == []


def test_every_value_of_a_documented_field_change_is_a_fact() -> None:
    sides = next(page for page in examples("events-and-notes") if "custom_field_value" in str(page))
    for kind in ("custom_field_value_changed", "custom_field_53728_value_changed"):
        facts = event_facts("5", [event_of(event(kind, sides["value_after"]))], NOW)
        assert [(fact.kind, fact.subject, fact.text) for fact in facts] == [
            (EvidenceKind.FIELD, "53728", "example1@test.com"),
            (EvidenceKind.FIELD, "53728", "example@test.com"),
        ]
        assert len({fact.source_id for fact in facts}) == 2


@pytest.mark.parametrize(("author", "grade"), [(USER, Grade.D), (0, Grade.C)])
def test_what_a_person_typed_is_weaker_than_what_a_robot_left(author: int, grade: Grade) -> None:
    value = [{"custom_field_value": {"field_id": 7, "text": "да"}}]
    changed = event("custom_field_7_value_changed", value, created_by=author)
    tagged = event("entity_tag_added", [{"tag": {"name": "КП открыто"}}], id="e2", created_by=author)
    facts = event_facts("5", [event_of(changed), event_of(tagged)], NOW)
    assert [fact.grade for fact in facts] == [grade, grade]
    assert facts[1].subject == "КП открыто"


def test_a_cleared_field_and_one_of_a_contact_are_no_facts() -> None:
    cleared = event("custom_field_7_value_changed", [], [{"custom_field_value": {"field_id": 7}}])
    of_contact = event(
        "custom_field_7_value_changed",
        [{"custom_field_value": {"field_id": 7, "text": "x"}}],
        entity_type="contact",
    )
    assert event_facts("5", [event_of(cleared), event_of(of_contact)], NOW) == []


def test_a_client_s_message_is_strong_and_ours_is_a_trace() -> None:
    talk = {"entity": {"linked_talk_contact_id": 44}}
    lines = [
        event_of(event("incoming_chat_message", [{"message": {"id": "u"}}], _embedded=talk)),
        event_of(event("outgoing_chat_message", [{"message": {"id": "u"}}], id="e2")),
    ]
    incoming, outgoing = event_facts("5", lines, NOW)
    assert (incoming.kind, incoming.direction, incoming.grade) == (
        EvidenceKind.MESSAGE,
        Direction.INCOMING,
        Grade.B,
    )
    assert (outgoing.direction, outgoing.grade) == (Direction.OUTGOING, Grade.C)
    assert incoming.contact_id == "44"


@pytest.mark.parametrize(
    ("params", "seconds", "grade"),
    [
        ({"duration": 60, "phone": "+7"}, 60, Grade.B),
        ({"duration": 60, "call_status": 4}, 60, Grade.B),
        ({"duration": 60, "call_status": 6}, 0, Grade.C),
        ({"duration": 0}, 0, Grade.C),
        ({}, 0, Grade.C),
        (None, 0, Grade.C),
    ],
)
def test_a_call_counts_by_its_talk(params: Any, seconds: int, grade: Grade) -> None:
    for kind, direction in (("call_in", Direction.INCOMING), ("call_out", Direction.OUTGOING)):
        (call,) = note_facts("5", [note(kind, params)], NOW)
        assert (call.kind, call.direction, call.seconds, call.grade) == (
            EvidenceKind.CALL,
            direction,
            seconds,
            grade,
        )


@pytest.mark.parametrize(
    ("kind", "params", "author", "expected"),
    [
        ("amomail_message", {"income": True, "subject": "Re"}, 0, (EvidenceKind.MAIL, Grade.B)),
        ("amomail_message", {"income": False, "subject": "КП"}, USER, (EvidenceKind.MAIL, Grade.C)),
        ("sms_in", {"text": "да", "phone": "+7"}, 0, (EvidenceKind.MESSAGE, Grade.B)),
        ("sms_out", {"text": "?", "phone": "+7"}, USER, (EvidenceKind.MESSAGE, Grade.C)),
        ("common", {"text": "созвонились"}, USER, (EvidenceKind.NOTE, Grade.D)),
        ("common", {"text": "созвонились"}, 0, (EvidenceKind.NOTE, Grade.C)),
        ("service_message", {"service": "Формы", "text": "«Бриф»"}, 0, (EvidenceKind.FORM, Grade.B)),
        ("service_message", {"service": "КП", "text": "открыто"}, 0, (EvidenceKind.NOTE, Grade.C)),
        ("attachment", {"file_name": "ТЗ.pdf"}, USER, (EvidenceKind.NOTE, Grade.D)),
    ],
)
def test_every_useful_note_has_its_kind_and_grade(
    kind: str, params: Any, author: int, expected: tuple[EvidenceKind, Grade]
) -> None:
    (fact,) = note_facts("5", [note(kind, params, created_by=author)], NOW)
    assert (fact.kind, fact.grade) == expected
    assert fact.source_id == "note:9"


@pytest.mark.parametrize("kind", ["geolocation", "message_cashier", "zoom_meeting", "anything"])
def test_other_notes_prove_nothing(kind: str) -> None:
    assert note_facts("5", [note(kind, {"text": "x"})], NOW) == []


def test_of_a_contact_s_notes_only_what_the_client_did_counts() -> None:
    holder = Holder("contacts", "44")
    notes = [note("common", {"text": "x"}), note("call_in", {"duration": 60}, id=10)]
    (fact,) = note_facts("5", notes, NOW, holder)
    assert (fact.kind, fact.contact_id) == (EvidenceKind.CALL, "44")


def test_a_completed_task_is_a_seller_s_word() -> None:
    done = {"id": 1, "is_completed": True, "text": "Встреча", "result": {"text": "были"}, "updated_at": AT}
    open_task = {**done, "id": 2, "is_completed": False}
    ours = {**done, "id": 3, "text": "Проверьте\n#ref:1f3a9c07"}
    (fact,) = task_facts("5", [done, open_task, ours, {**done, "id": 4, "result": []}][:3], NOW)
    assert (fact.kind, fact.grade, fact.text) == (EvidenceKind.TASK, Grade.D, "Встреча: были")


@pytest.mark.parametrize(
    "broken",
    [
        {"id": "e1"},
        event("x", created_at="yesterday"),
        event("x", created_at=True),
        event("x", created_at=10**30),
    ],
)
def test_a_line_of_another_shape_is_no_line(broken: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        event_of(broken)


def test_a_move_without_its_stages_is_nonsense_not_a_move() -> None:
    shapes: list[list[Any]] = [[], [{}], [{"lead_status": {"id": 1}}]]
    for sides in shapes:
        with pytest.raises(Unavailable):
            moves_of("5", [event_of(event("lead_status_changed", sides, sides))], None, NOW, is_whole=False)


def test_a_captured_id_carries_the_milliseconds_of_its_second() -> None:
    milliseconds = 0
    for letter in REAL_ID[:10]:
        milliseconds = milliseconds * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(letter)
    second = datetime.fromtimestamp(milliseconds // 1000, UTC)
    exact = exact_time(REAL_ID, second)
    assert exact.microsecond == milliseconds % 1000 * 1000
    assert exact_time(REAL_ID.upper(), second) == exact


@pytest.mark.parametrize(
    "event_id", ["", "42", "01pz58t6p04ymgsgfbmfyfy1mi", "01pz58t6p04ymgsgfbmfyfy1m", REAL_ID]
)
def test_an_id_that_is_no_ulid_of_that_second_is_not_believed(event_id: str) -> None:
    moment = datetime.fromtimestamp(REAL_SECOND - 86_400, UTC)
    assert exact_time(event_id, moment) == moment


def test_lines_come_oldest_first_and_once_in_whatever_order_they_arrive() -> None:
    lines = [
        event("a", id="e2"),
        event("a", id="e1"),
        event("a", id="e3", created_at=AT - 1),
        event("a", id="e2"),
    ]
    assert [line.id for line in in_order(lines)] == ["e3", "e1", "e2"]


async def test_won_and_lost_repeat_in_every_pipeline_and_unsorted_is_an_entry(bench: Bench) -> None:
    catalog = await bench.client.get_catalog()
    for pipeline in catalog.pipelines:
        kinds = [stage.kind for stage in pipeline.stages]
        assert (kinds[0], kinds[-2:]) == (StageKind.ENTRY, [StageKind.WON, StageKind.LOST])
        assert pipeline.stages[-2].ref == StageRef(pipeline.id, "142")
    assert [pipeline.is_main for pipeline in catalog.pipelines] == [True, False]


async def test_kinds_of_fields_are_told_in_neutral_words(bench: Bench) -> None:
    told = {
        "textarea": FieldKind.TEXT,
        "numeric": FieldKind.NUMBER,
        "multiselect": FieldKind.CHOICE,
        "checkbox": FieldKind.YES_NO,
        "birthday": FieldKind.DATE,
        "url": FieldKind.LINK,
        "tracking_data": FieldKind.OTHER,
    }
    for kind in told:
        bench.world.account.add_field("leads", f"Поле {kind}", kind)
    fields = {field.title: field.kind for field in (await bench.client.get_catalog()).fields}
    assert {kind: fields[f"Поле {kind}"] for kind in told} == told
