"""What is wrong with a file, in Russian and English."""

SENTENCES: dict[str, tuple[str, str]] = {
    "not_yaml": (
        "Здесь нарушена разметка YAML: проверьте отступы, двоеточия и кавычки.",
        "The YAML markup is broken here: look at indents, colons and quotes.",
    ),
    "bad_character": (
        "Здесь символ, которого в тексте быть не может. Сохраните файл в кодировке UTF-8.",
        "There is a character here that no text may hold. Save the file as UTF-8.",
    ),
    "empty": ("Файл пустой.", "The file is empty."),
    "too_large": (
        "Файл больше 900 КБ: карта одной воронки столько не занимает.",
        "The file is larger than 900 KB: no mapping of one pipeline takes that much.",
    ),
    "too_many_values": (
        "В файле слишком много значений: карта одной воронки столько не занимает.",
        "The file holds too many values: no mapping of one pipeline takes that many.",
    ),
    "too_deep": ("Слишком глубокая вложенность.", "This is nested too deeply."),
    "anchor": (
        "Ссылки YAML (& и *) здесь не читаются. Напишите значение целиком.",
        "YAML anchors and aliases (& and *) are not read here. Write the value out.",
    ),
    "tag": (
        "Метки типов YAML (!…) здесь не читаются. Уберите её, а текст возьмите в кавычки.",
        "YAML tags (!…) are not read here. Drop it and put the text in quotes.",
    ),
    "several_documents": (
        "В файле несколько документов. Оставьте один.",
        "The file holds several documents. Leave one.",
    ),
    "twice": ("«{name}» указано дважды.", "“{name}” is given twice."),
    "bad_key": ("Имя значения должно быть простым словом.", "The name of a value must be a plain word."),
    "not_ours": (
        "Это не файл карты Stepgate: в нём нет строки «stepgate: funnel».",
        "This is not a Stepgate mapping: the line “stepgate: funnel” is missing.",
    ),
    "newer": (
        "Файл сделан более новой версией Stepgate (формат {found}, здесь понимают до {known}). Обновите "
        "Stepgate и попробуйте снова.",
        "A newer Stepgate has made this file (format {found}; up to {known} is understood here). Update "
        "Stepgate and try again.",
    ),
    "missing": ("Не хватает «{name}».", "“{name}” is missing."),
    "unknown_name": (
        "«{name}» здесь не бывает. Проверьте, нет ли опечатки.",
        "“{name}” has no place here. Is it misspelt?",
    ),
    "too_long": ("Слишком длинно: не больше {limit}.", "Too long: {limit} at most."),
    "too_short": ("Здесь нужно что-то написать.", "Something has to be written here."),
    "out_of_range": ("Число должно быть от {least} до {most}.", "The number must be from {least} to {most}."),
    "one_of": ("Здесь может стоять только: {choices}.", "Only these may stand here: {choices}."),
    "want_text": (
        "Здесь нужен текст. Если это похоже на число или «true», возьмите в кавычки.",
        "A text is needed here. If it looks like a number or “true”, put it in quotes.",
    ),
    "want_number": ("Здесь нужно целое число.", "A whole number is needed here."),
    "want_truth": ("Здесь нужно true или false.", "Either true or false is needed here."),
    "want_list": ("Здесь нужен список.", "A list is needed here."),
    "want_group": ("Здесь нужна группа «имя: значение».", "A group of “name: value” is needed here."),
    "bad_form": (
        "Здесь годятся только строчные латинские буквы, цифры, «-» и «_».",
        "Only small latin letters, digits, “-” and “_” will do here.",
    ),
    "unfit": ("Это значение не подходит.", "This value does not fit."),
    "stage_not_listed": (
        "Стадии «{name}» нет в списке stages этого файла.",
        "The stage “{name}” is not in this file's list of stages.",
    ),
    "field_not_listed": (
        "Поля «{name}» нет в списке fields этого файла.",
        "The field “{name}” is not in this file's list of fields.",
    ),
    "name_twice": (
        "Имя «{name}» уже есть в этом списке. Назовите иначе, а настоящее название напишите в title.",
        "The name “{name}” is in this list already. Name it otherwise and give its real name as title.",
    ),
}
LINE = ("Строка {line}", "Line {line}")
REFUSED = ("Файл не прочитан.", "The file could not be read.")


def file_sentence(code: str, language: str, line: int = 0, **names: str) -> str:
    """The fault in words, with its line unless that is 0. Raises KeyError for an unknown code."""
    chosen = 1 if language == "en" else 0
    said = SENTENCES[code][chosen].format(**names)
    return f"{LINE[chosen].format(line=line)}: {said}" if line else said
