"""A file as text: YAML that a person reads and edits."""

from typing import Any

import yaml

from app.funnels.transfer.file import TransferFile

WIDTH = 110
RARE_BREAKS = "\x85\u2028\u2029"
HEAD = {
    "ru": (
        "# Карта шагов клиента, Stepgate. Прочитайте, поправьте и загрузите в любой аккаунт любой CRM.\n"
        "# Слова слева от двоеточия менять не нужно.\n"
        "# id нужны только для возврата в тот же аккаунт; без них файл читается так же.\n"
    ),
    "en": (
        "# A map of client steps, Stepgate. Read it, correct it, and load it into any account of any CRM.\n"
        "# The words left of the colons stay as they are.\n"
        "# An id only helps on the way back into the same account; the file reads the same without.\n"
    ),
}


def text_of(file: TransferFile, language: str) -> str:
    """The file as YAML with a few words on top; what is usual is left out."""
    packed = file.model_dump(mode="json", exclude_defaults=True)
    for segment in packed.get("segments", []):
        segment["gates"] = [{"stage": gate.pop("stage"), **gate} for gate in segment.get("gates", [])]
    body = yaml.dump(
        {"stepgate": file.stepgate, "format": file.format, **packed},
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=WIDTH,
    )
    return HEAD["en" if language == "en" else "ru"] + body


class _Dumper(yaml.SafeDumper):
    """Never writes anchors: the same text twice is written twice."""

    def ignore_aliases(self, data: Any) -> bool:
        """Every value is written out."""
        return True


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Rare line breaks are told by their names: written as they are, they would be read as spaces."""
    style = '"' if any(each in text for each in RARE_BREAKS) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
