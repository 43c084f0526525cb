"""The settings page in a real browser."""

import pytest
from playwright.sync_api import Page, expect
from starlette.requests import Request
from starlette.responses import JSONResponse

from tests.browser import front_account, front_funnel, front_lock, front_report
from tests.browser.accessibility import faults, overflow
from tests.browser.front_data import JSON
from tests.browser.front_server import FrontServer, answering


class Mapping:
    """A pipeline's mapping that keeps drafts as the server does."""

    def __init__(self, front: FrontServer, **changes: object) -> None:
        self.view = front_funnel.funnel(**changes)  # type: ignore[arg-type]
        self.revisions: list[str | None] = []
        base = "pipelines/1/funnel"
        front.state.answers.update(
            {
                "GET catalog": answering(front_report.catalog()),
                "GET status": answering(front_funnel.status()),
                f"GET {base}": lambda _request, _body: self.view,
                f"PUT {base}/draft": self.keep,
                f"POST {base}/publish": self.publish,
                f"POST {base}/propose": self.propose,
                f"GET {base}/versions": answering({"versions": []}),
                f"GET {base}/changes": answering({"changes": []}),
                "POST pipelines/1/gates/40/mode": answering({"number": 2}),
                "GET objections": answering(front_account.objections()),
            }
        )

    def keep(self, request: Request, body: JSON) -> JSON | JSONResponse:
        """Keep a draft under the next revision; refuse one that saw another."""
        seen = request.headers.get("if-match")
        self.revisions.append(seen)
        kept = self.view["draft"]
        if seen != (str(kept["revision"]) if kept else "*"):
            error = {"code": "draft_changed", "sentence": "", "problems": [], "id": "e"}
            return JSONResponse({"error": error}, status_code=409)
        revision = kept["revision"] + 1 if kept else 1
        self.view = {**self.view, "draft": front_funnel.draft(revision, body)}
        return {"revision": revision, "problems": self.view["problems"]}

    def propose(self, _request: Request, _body: JSON) -> JSON:
        """Draft what the stages' names tell."""
        self.view = {**self.view, "draft": front_funnel.draft(1, front_funnel.document())}
        return self.view

    def publish(self, _request: Request, _body: JSON) -> JSON:
        """Put the draft in force."""
        document = self.view["draft"]["document"]
        published = {**self.view["published"], "number": 2, "document": document}
        self.view = {**self.view, "published": published, "draft": None}
        return {"number": 2, "deals_reread": 126}


@pytest.fixture
def mapping(front: FrontServer) -> Mapping:
    """A first version as it was proposed."""
    return Mapping(front)


def open_settings(page: Page, front: FrontServer) -> None:
    page.goto(front.standalone("settings"))
    page.get_by_role("tab", name="Выбирают · 126 сделок").click()


def sent(front: FrontServer, method: str, ending: str) -> list[JSON]:
    return [body for verb, path, body in front.state.calls if verb == method and path.endswith(ending)]


@pytest.mark.usefixtures("mapping")
def test_first_run_says_that_it_only_watches(page: Page, front: FrontServer) -> None:
    open_settings(page, front)
    expect(page.get_by_text("Мы начали в режиме «только смотреть»")).to_be_visible()
    expect(page.get_by_text("История прочитана: 1 500 сделок")).to_be_visible()
    expect(page.locator(".stage h2")).to_have_text(
        [title for _, title, kind, _ in front_report.STAGES if kind in {"open", "won"}]
    )


@pytest.mark.usefixtures("mapping")
def test_mode_is_changed_at_once_after_saying_what_it_does(page: Page, front: FrontServer) -> None:
    open_settings(page, front)
    page.get_by_role("button", name="Правило стадии «КП отправлено»: только смотреть").click()
    page.get_by_role("radio", name="возвращать").check()
    expect(page.get_by_text("сделка вернётся на прежнюю стадию")).to_be_visible()
    expect(page.get_by_text("Заработает сразу, новой версией.")).to_be_visible()
    page.get_by_role("button", name="Применить").click()
    expect(page.get_by_text("Готово, работает версия 2.")).to_be_visible()
    assert sent(front, "POST", "gates/40/mode") == [{"mode": "enforce", "segment_key": "choosing"}]


def test_a_step_is_added_with_its_proof_and_published(
    page: Page, front: FrontServer, mapping: Mapping
) -> None:
    open_settings(page, front)
    page.get_by_role("region", name="Счёт выставлен").get_by_role("button", name="+ Шаг клиента").click()
    page.get_by_label("Что сделал клиент").fill("Клиент взял счёт в работу")
    page.get_by_role("button", name="+ Событие").click()
    page.get_by_role("combobox", name="Событие").select_option("tag")
    page.get_by_label("Тег", exact=True).fill("счёт принят")
    page.get_by_role("button", name="Готово").click()
    expect(page.get_by_role("region", name="Счёт выставлен")).to_contain_text("тег «счёт принят» · D")
    expect(page.get_by_text("черновик сохранён")).to_be_visible()

    page.get_by_role("button", name="Проверить и опубликовать").click()
    page.get_by_label("Что поменяли").fill("Шаг для счёта")
    page.get_by_role("button", name="Опубликовать", exact=True).click()

    expect(page.get_by_text("Версия 2 работает. Перечитываем 126 сделок.")).to_be_visible()
    assert mapping.revisions == ["*"]
    assert sent(front, "POST", "publish") == [{"note": "Шаг для счёта"}]
    segment = mapping.view["published"]["document"]["segments"][1]
    assert segment["gates"][-1] == front_funnel.gate("60", ["step"])


def test_edits_are_kept_one_after_another(page: Page, front: FrontServer, mapping: Mapping) -> None:
    open_settings(page, front)
    for _ in range(3):
        page.get_by_role("button", name="Клиент оставил заявку: поставить позже").click()
    expect(page.get_by_text("черновик сохранён")).to_be_visible()
    keys = [each["key"] for each in mapping.view["draft"]["document"]["segments"][1]["checkpoints"]]
    assert keys.index("asked") == 3
    assert mapping.revisions[0] == "*"
    assert mapping.revisions[1:] == [str(number) for number in range(1, len(mapping.revisions))]


def test_what_a_draft_changes_is_said_before_it_is_published(
    page: Page, front: FrontServer, mapping: Mapping
) -> None:
    mapping.view = {**mapping.view, "draft": front_funnel.draft(1, front_funnel.document())}
    path = "segments.choosing.gates.40.mode"
    change = {"kind": "changed", "path": path, "before": "shadow", "after": "enforce"}
    front.state.answers["GET pipelines/1/funnel/changes"] = answering({"changes": [change]})
    open_settings(page, front)
    page.get_by_role("button", name="Проверить и опубликовать").click()
    told = page.get_by_text("Стадия «КП отправлено»: было «только смотреть», стало «возвращать»")
    expect(told).to_be_visible()


def test_an_old_version_is_compared_and_brought_back(page: Page, front: FrontServer) -> None:
    Mapping(front, number=3)
    base = "pipelines/1/funnel"
    heads = [{**front_funnel.funnel(number=number)["published"], "number": number} for number in (3, 2, 1)]
    added = {
        "kind": "added",
        "path": "segments.choosing.checkpoints.paid",
        "before": None,
        "after": front_funnel.document()["segments"][1]["checkpoints"][-1],
    }
    front.state.answers |= {
        f"GET {base}/versions": answering({"versions": heads}),
        f"GET {base}/versions/2": answering(heads[1]),
        f"GET {base}/changes": answering({"changes": [added]}),
        f"POST {base}/versions/2/restore": answering({"number": 4, "deals_reread": 126}),
    }
    open_settings(page, front)
    page.get_by_role("button", name="Версии").click()
    page.get_by_role("button", name="Что изменилось в версии 2").click()
    expect(page.get_by_text("Новый шаг «Клиент оплатил счёт»")).to_be_visible()
    page.get_by_role("button", name="Вернуть версию 2", exact=True).click()
    expect(page.get_by_text("Правила версии 2 заработают сразу, новой версией 4.")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Вернуть версию 2", exact=True).last.click()
    expect(page.get_by_text("Версия 4 работает. Перечитываем 126 сделок.")).to_be_visible()


def test_a_step_gets_answers_to_objections_and_its_place_after_others(
    page: Page, front: FrontServer, mapping: Mapping
) -> None:
    open_settings(page, front)
    page.locator(".step-title", has_text="Клиент получил и открыл КП").click()
    page.get_by_role("button", name="+ Возражение клиента").click()
    page.get_by_label("Клиент говорит").fill("Дорого")
    page.get_by_label("Что ответить").fill("С чем сравниваете?")
    page.get_by_label("Сколько событий нужно").select_option("at_least")
    page.get_by_label("Все события не дольше чем за, часов").fill("48")
    page.get_by_label("Считать только после шага").select_option("needs")
    page.get_by_text("Не раньше других шагов").click()
    page.get_by_role("checkbox", name="Клиент ответил на звонок").check()
    page.get_by_role("button", name="Готово").click()
    expect(page.get_by_text("черновик сохранён")).to_be_visible()
    step = mapping.view["draft"]["document"]["segments"][1]["checkpoints"][3]
    assert step["objections"] == [{"says": "Дорого", "answer": "С чем сравниваете?"}]
    assert step["before"] == ["answered"]
    assert (step["proof"]["after"], step["proof"]["within_hours"], step["proof"]["least"]) == ("needs", 48, 2)


def test_somebody_elses_draft_is_not_overwritten(page: Page, front: FrontServer, mapping: Mapping) -> None:
    open_settings(page, front)
    expect(page.locator(".board")).to_be_visible()
    mapping.view = {**mapping.view, "draft": front_funnel.draft(9, front_funnel.document())}
    page.get_by_role("button", name="Клиент оставил заявку: поставить позже").click()
    expect(page.get_by_role("alert")).to_have_text(
        "Черновик уже поменял кто-то другой. Обновите страницу, чтобы увидеть его правки."
    )
    assert mapping.view["draft"]["revision"] == 9


def test_a_step_is_dragged_to_another_stage(page: Page, front: FrontServer, mapping: Mapping) -> None:
    open_settings(page, front)
    step = page.locator("article", has_text="Менеджер отработал возражения")
    step.drag_to(page.get_by_role("region", name="Счёт выставлен"))
    expect(page.get_by_role("region", name="Счёт выставлен")).to_contain_text("Менеджер отработал")
    expect(page.get_by_text("черновик сохранён")).to_be_visible()
    gates = mapping.view["draft"]["document"]["segments"][1]["gates"]
    assert front_funnel.gate("60", ["handled"]) in gates
    assert all(each["stage_id"] != "50" for each in gates)


def test_errors_stand_beside_their_step_and_in_the_way_of_publishing(page: Page, front: FrontServer) -> None:
    error = {**front_funnel.problems()[0], "severity": "error"}
    draft = front_funnel.draft(3, front_funnel.document())
    Mapping(front, problems=[error], draft=draft)
    open_settings(page, front)
    step = page.locator("article", has_text="Менеджер отработал возражения")
    expect(step).to_contain_text("описывает действие продавца")
    page.get_by_role("button", name="Проверить и опубликовать").click()
    expect(page.get_by_role("dialog")).to_contain_text("Сначала поправьте 1 место")
    expect(page.get_by_role("button", name="Опубликовать", exact=True)).to_have_count(0)


def test_a_segment_gets_its_rule(page: Page, front: FrontServer, mapping: Mapping) -> None:
    open_settings(page, front)
    page.get_by_role("button", name="+ Сегмент").click()
    page.get_by_label("Название сегмента").fill("Крупные")
    page.get_by_role("button", name="+ Условие").click()
    page.get_by_label("Что смотрим").select_option("price")
    page.get_by_label("Как сравниваем").select_option("at_least")
    page.get_by_label("Значение").fill("500000")
    page.get_by_role("button", name="Готово").click()
    expect(page.get_by_text("Сюда попадают сделки, где сумма не меньше «500000».")).to_be_visible()
    expect(page.get_by_text("черновик сохранён")).to_be_visible()
    titles = [each["title"] for each in mapping.view["draft"]["document"]["segments"]]
    assert titles == ["Срочно", "Крупные", "Выбирают"]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {"crm": {**front_funnel.status()["crm"], "sentence_code": "reconnect"}},
            "подключите Stepgate заново",
        ),
        (
            {"crm": {**front_funnel.status()["crm"], "sentence_code": "unreachable"}},
            "CRM сейчас не отвечает",
        ),
        (
            {"hooks": {**front_funnel.status()["hooks"], "state": "failing"}},
            "есть ли вебхуки на вашем тарифе",
        ),
        ({"backfill": {"state": "running", "done": 40, "total": 100}}, "Читаем историю сделок: 40%"),
        ({"parked": 2}, "2 сделки ждут разбора"),
        ({"leaking_locks": [front_lock.leaking()]}, "Замок на стадии «КП отправлено» пропускает сделки"),
    ],
)
@pytest.mark.usefixtures("mapping")
def test_admin_is_told_what_to_do(page: Page, front: FrontServer, changes: JSON, text: str) -> None:
    front.state.answers["GET status"] = answering(front_funnel.status(**changes))
    open_settings(page, front)
    expect(page.get_by_text(text)).to_be_visible()


def test_a_pipeline_without_a_map_offers_a_start(page: Page, front: FrontServer) -> None:
    Mapping(front, published=None)
    page.goto(front.standalone("settings"))
    expect(page.get_by_text("Для этой воронки ещё нет карты шагов")).to_be_visible()
    page.get_by_role("button", name="По названиям ваших стадий").click()
    expect(page.get_by_role("button", name="По названиям ваших стадий")).to_have_count(0)
    expect(page.locator(".board")).to_be_visible()
    assert sent(front, "POST", "propose") == [{"template": None}]


@pytest.mark.usefixtures("mapping")
def test_a_manager_comes_to_the_figures_and_sees_no_admin_parts(page: Page, front: FrontServer) -> None:
    front.state.is_admin = False
    front.state.answers["GET catalog"] = answering(front_report.catalog())
    front.state.answers["GET reports/conversion"] = answering(front_report.report(sees="own"))
    page.goto(front.standalone("settings"))
    expect(page.get_by_text("Здесь только ваши сделки")).to_be_visible()
    expect(page.get_by_role("link", name="Карта шагов")).to_have_count(0)
    asked = {path.split("/")[0] for _, path, _ in front.state.calls}
    assert asked <= {"catalog", "reports", "status"}


@pytest.mark.usefixtures("mapping")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 800, 1400])
def test_settings_are_usable_by_everybody(page: Page, front: FrontServer, width: int, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    open_settings(page, front)
    assert faults(page) == []
    page.locator("article button").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert faults(page) == []
    assert overflow(page) == 0
