"""What a problem of a mapping is called, in Russian and English."""

SENTENCES: dict[str, tuple[str, str]] = {
    "no_segments": (
        "Добавьте хотя бы один сегмент: без него правила не применятся ни к одной сделке.",
        "Add at least one segment: without it the rules apply to no deal.",
    ),
    "empty_title": (
        "Дайте название, чтобы его понял коллега.",
        "Give it a name that others understand.",
    ),
    "duplicate_key": (
        "Ключ «{key}» уже занят. У каждого шага и сегмента он свой.",
        "The key “{key}” is taken. Every step and segment has its own.",
    ),
    "duplicate_title": (
        "Два сегмента называются «{title}»: в отчёте их не различить.",
        "Two segments are called “{title}”: nobody can tell them apart in a report.",
    ),
    "duplicate_gate": (
        "Для стадии «{stage}» правило уже есть. Соберите шаги в одном.",
        "The stage “{stage}” has a rule already. Put the steps into one.",
    ),
    "unknown_stage": (
        "Такой стадии в CRM больше нет. Выберите другую или уберите правило.",
        "The CRM no longer has this stage. Choose another one or drop the rule.",
    ),
    "stage_not_gated": (
        "Стадия «{stage}» принимает сделки сама, шаги клиента на ней не проверяются.",
        "The stage “{stage}” takes deals by itself, so client steps are not checked there.",
    ),
    "gate_without_checkpoints": (
        "За стадией «{stage}» пока нет ни одного шага клиента. Добавьте шаг или уберите правило.",
        "No client step stands behind the stage “{stage}” yet. Add one or drop the rule.",
    ),
    "unknown_checkpoint": (
        "Шага «{key}» в этом сегменте нет.",
        "This segment has no step “{key}”.",
    ),
    "cycle": (
        "Шаги ждут друг друга по кругу: {keys}. Уберите одно из условий «после».",
        "These steps wait for each other in a circle: {keys}. Drop one “after”.",
    ),
    "no_proof": (
        "Не сказано, что подтвердит этот шаг. Добавьте событие или отметку менеджера со словами клиента.",
        "Nothing says what proves this step. Add an event, or a confirmation by hand.",
    ),
    "never_proven": (
        "Шаг подтверждает только менеджер (D), а принимаются доказательства от {grade}. Снизьте оценку или "
        "добавьте событие.",
        "Only a manager's word (D) proves this step, but it takes {grade} or better. Lower the grade or "
        "add an event.",
    ),
    "least_needs_two": (
        "«Не меньше одного» значит «любое». Укажите хотя бы два события или выберите «любое».",
        "“At least one” means “any”. Ask for two events or more, or choose “any”.",
    ),
    "sellers_wording": (
        "«{title}» описывает действие продавца. Что в этот момент делает клиент?",
        "“{title}” tells what the seller does. What does the client do at that moment?",
    ),
    "sellers_wording_offer": (
        "«{title}» описывает действие продавца. Попробуйте «{offer}».",
        "“{title}” tells what the seller does. Try “{offer}”.",
    ),
    "seller_trigger": (
        "Наше собственное письмо или сообщение ничего не говорит о клиенте. Выберите входящее.",
        "Our own letter or message says nothing about the client. Choose an incoming one.",
    ),
    "unknown_field": (
        "Такого поля в сделке больше нет. Выберите другое.",
        "The deal no longer has this field. Choose another one.",
    ),
    "unknown_option": (
        "У поля «{field}» нет значения «{value}».",
        "The field “{field}” has no value “{value}”.",
    ),
    "unknown_subject": (
        "Правило сегмента смотрит на тег, источник, сумму или поле сделки.",
        "A segment's rule looks at a tag, the source, the price or a field of the deal.",
    ),
    "empty_value": ("Напишите, с чем сравнивать.", "Say what to compare with."),
    "not_a_number": ("Здесь нужно число.", "A number is needed here."),
    "unreachable_segment": (
        "До сегмента «{title}» не дойдёт ни одна сделка: её раньше заберёт «{earlier}».",
        "No deal will reach the segment “{title}”: “{earlier}” takes it first.",
    ),
    "deals_left_out": (
        "Часть сделок не попадёт ни в один сегмент. Добавьте последним сегмент без условий.",
        "Some deals will belong to no segment. Add a last one without conditions.",
    ),
    "unused_checkpoint": (
        "Шаг «{title}» виден в карточке, но не держит ни одной стадии.",
        "The step “{title}” shows in the card but holds no stage.",
    ),
    "no_client_step": (
        "За стадией «{stage}» нет шага клиента: в ней работает только продавец.",
        "No client step stands behind the stage “{stage}”: only the seller works there.",
    ),
    "stage_unknown_name": (
        "Не узнали стадию «{stage}». Подумайте, что делает клиент, когда сделка в неё приходит.",
        "We do not know the stage “{stage}”. What does the client do when a deal comes there?",
    ),
    "stage_added": (
        "В CRM появилась стадия «{stage}». Переносы в неё начнут проверяться после новой публикации.",
        "The CRM has a new stage “{stage}”. Moves into it are checked once the rules are published again.",
    ),
    "stage_renamed": (
        "Стадия «{before}» теперь называется «{stage}».",
        "The stage “{before}” is now called “{stage}”.",
    ),
    "stages_reordered": (
        "Порядок стадий в CRM изменился, а правила помнят прежний. Опубликуйте их ещё раз.",
        "The CRM has another order of stages than these rules. Publish them again.",
    ),
    "pipeline_gone": (
        "Этой воронки в CRM больше нет, её правила не применяются.",
        "The CRM no longer has this pipeline, so its rules are not applied.",
    ),
}


def sentence(code: str, language: str, **names: str) -> str:
    """The problem in words. Raises KeyError for a code that does not exist."""
    russian, english = SENTENCES[code]
    return (english if language == "en" else russian).format(**names)
