"""The real archive's script in a page like the CRM's, with our real pages in its frames."""

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from app.crm.adapters.amocrm.widget.build import archive_files
from tests.browser import front_data, front_funnel, front_report
from tests.browser.front_server import FrontServer, answering


@pytest.fixture
def crm(page: Page, front: FrontServer) -> Page:
    """The CRM's page with the widget loaded."""
    front.state.archive = dict(archive_files(front.url))
    page.goto(f"{front.crm_url}/crm/crm_page.html")
    page.evaluate("crm.ready")
    return page


def frame_of(crm: Page) -> FrameLocator:
    return crm.frame_locator("iframe.stepgate__frame")


def test_card_opens_in_the_right_panel_with_a_session_for_its_deal(crm: Page, front: FrontServer) -> None:
    front.state.checklist = front_data.checklist(stop=front_data.stop())
    crm.evaluate("crm.openCard(7)")
    frame = frame_of(crm)
    expect(frame.get_by_text("Сделка вернулась на «Классификация».")).to_be_visible()
    expect(frame.get_by_role("heading", name="Клиент сделал 3 шага из 6")).to_be_visible()
    assert front.state.sessions == ["once-1"]
    assert crm.evaluate("crm.answers") == {"render": True, "bind_actions": True, "init": True}


def test_frame_grows_with_its_page(crm: Page) -> None:
    crm.evaluate("crm.openCard(7)")
    frame = frame_of(crm)
    expect(frame.get_by_role("heading", name="Клиент сделал 3 шага из 6")).to_be_visible()
    content = frame.locator("#app").evaluate("node => Math.ceil(node.getBoundingClientRect().height)")
    expect(crm.locator("iframe")).to_have_css("height", f"{content}px")
    assert content > 300


def test_a_new_card_asks_to_be_saved_first(crm: Page, front: FrontServer) -> None:
    crm.evaluate("crm.openCard(0)")
    expect(crm.locator("#panel")).to_have_text("Сохраните сделку, и здесь появятся шаги клиента.")
    expect(crm.locator("iframe")).to_have_count(0)
    assert front.state.sessions == []


def test_a_late_answer_for_the_card_before_is_not_heard(crm: Page) -> None:
    crm.evaluate("crm.holdAnswers = true")
    crm.evaluate("crm.openCard(7)")
    crm.wait_for_function("crm.held.length === 1")
    crm.evaluate("crm.holdAnswers = false")
    crm.evaluate("crm.openCard(8)")
    frame = frame_of(crm)
    expect(frame.get_by_role("heading", name="Клиент сделал 3 шага из 6")).to_be_visible()
    crm.evaluate("crm.held[0]()")
    expect(crm.locator("iframe")).to_have_count(1)
    expect(frame.get_by_role("heading", name="Клиент сделал 3 шага из 6")).to_be_visible()


def test_leaving_takes_everything_away(crm: Page) -> None:
    crm.evaluate("crm.openCard(7)")
    expect(crm.locator("iframe")).to_have_count(1)
    assert crm.evaluate("crm.leave()") is True
    expect(crm.locator("iframe")).to_have_count(0)
    tokens = crm.evaluate("crm.tokens")
    crm.evaluate("window.postMessage({type: 'stepgate:ready'}, '*')")
    assert crm.evaluate("crm.tokens") == tokens


def test_another_window_gets_no_session(crm: Page, front: FrontServer) -> None:
    crm.evaluate("crm.openCard(7)")
    expect(frame_of(crm).locator("h1")).to_be_visible()
    tokens = crm.evaluate("crm.tokens")
    crm.evaluate(
        """() => new Promise((done) => {
            const other = document.createElement('iframe');
            other.srcdoc = `<script>
              addEventListener('message', (event) => parent.postMessage({heard: event.data}, '*'));
              parent.postMessage({type: 'stepgate:renew'}, '*');
              parent.postMessage({type: 'stepgate:resize', height: 9}, '*');
              setTimeout(() => parent.postMessage({type: 'done'}, '*'), 0);
            </script>`;
            window.leaked = 0;
            addEventListener('message', (event) => {
              if (event.data.heard) window.leaked += 1;
              if (event.data.type === 'done') done();
            });
            document.body.append(other);
        })"""
    )
    assert crm.evaluate("[window.leaked, crm.tokens]") == [0, tokens]
    assert len(front.state.sessions) == tokens


def test_a_refused_token_is_told_to_the_person(crm: Page, front: FrontServer) -> None:
    front.state.session_status = 401
    crm.evaluate("crm.openCard(7)")
    expect(frame_of(crm).get_by_text("Не узнали вас")).to_be_visible()


def test_settings_page_leads_to_the_panel_and_back_without_another_token(
    crm: Page, front: FrontServer
) -> None:
    front.state.answers = {
        "GET catalog": answering(front_report.catalog()),
        "GET status": answering(front_funnel.status()),
        "GET pipelines/1/funnel": answering(front_funnel.funnel()),
        "GET reports/conversion": answering(front_report.report()),
    }
    crm.evaluate("crm.openSettings()")
    frame = frame_of(crm)
    expect(frame.get_by_text("Мы начали в режиме «только смотреть»")).to_be_visible()
    frame.get_by_role("link", name="Конверсия").click()
    expect(frame.get_by_text("Разрыв правды")).to_be_visible()
    frame.get_by_role("link", name="Карта шагов").click()
    expect(frame.get_by_role("button", name="Предложить шаги")).to_be_visible()
    assert front.state.sessions == ["once-1"]
    assert crm.evaluate("crm.answers") == {"advancedSettings": True}


def test_settings_modal_says_where_everything_is(crm: Page) -> None:
    assert crm.evaluate("crm.openModal() && crm.openModal()") is True
    expect(crm.locator("#panel .stepgate")).to_have_count(1)
    expect(crm.locator("#panel .stepgate")).to_contain_text("Настройки")
    assert crm.evaluate("crm.save()") is True


def test_english_host_gets_english_pages(page: Page, front: FrontServer) -> None:
    front.state.archive = dict(archive_files(front.url))
    page.goto(f"{front.crm_url}/crm/crm_page.html?language=en")
    page.evaluate("crm.ready")
    page.evaluate("crm.openCard(7)")
    expect(frame_of(page).get_by_role("heading", name="The client has taken 3 steps of 6")).to_be_visible()


def test_a_dark_host_gets_a_dark_page(crm: Page) -> None:
    crm.evaluate("document.body.style.backgroundColor = '#181c22'")
    crm.evaluate("crm.openCard(7)")
    expect(frame_of(crm).locator("html")).to_have_attribute("data-theme", "dark")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_session_is_asked_for_in_the_language_of_the_person(
    page: Page, front: FrontServer, language: str
) -> None:
    front.state.archive = dict(archive_files(front.url))
    page.goto(f"{front.crm_url}/crm/crm_page.html?language={language}")
    page.evaluate("crm.ready")
    page.evaluate("crm.openCard(7)")
    expect(frame_of(page).locator("h1")).to_be_visible()
    assert front.state.session_languages == [language]


def test_a_form_that_opens_below_the_map_is_brought_to_the_eye(crm: Page, front: FrontServer) -> None:
    front.state.answers["GET catalog"] = answering(front_report.catalog())
    front.state.answers["GET status"] = answering(front_funnel.status())
    front.state.answers["GET pipelines/1/funnel"] = answering(front_funnel.funnel())
    crm.set_viewport_size({"width": 1280, "height": 500})
    crm.evaluate("crm.openSettings()")
    frame = frame_of(crm)
    frame.get_by_role("button", name="Правило стадии").first.evaluate("button => button.click()")
    form = frame.get_by_role("dialog")
    expect(form).to_be_in_viewport(ratio=0.95)
    expect(form.get_by_role("heading")).to_be_focused()


@pytest.mark.parametrize("button", ["Подтвердить самому", "Не понадобится", "Это ошибка"])
def test_a_form_of_the_card_begins_where_one_types(crm: Page, front: FrontServer, button: str) -> None:
    front.state.checklist = front_data.checklist(stop=front_data.stop())
    crm.evaluate("crm.openCard(7)")
    frame = frame_of(crm)
    frame.get_by_role("button", name=button).first.click()
    expect(frame.locator("textarea")).to_be_focused()
