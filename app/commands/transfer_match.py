"""Pairs as an operator writes them: `stage:КП отправлено=Proposal sent`."""

from collections.abc import Iterable, Iterator, Sequence

from app.commands.session import pick_stage
from app.domain.stage import Catalog, DealField, Pipeline, User
from app.errors import BadRequest, NotFound
from app.funnels.transfer.answers import Chosen
from app.funnels.transfer.file import TransferFile

FORMS = (
    "stage:NAME=STAGE, field:NAME=FIELD, choice:FIELD/CHOICE=CHOICE, person:NAME=PERSON or source:NAME=SOURCE"
)
MATCH_HELP = f"A pair, as {FORMS}; the left is the file's, nothing on the right leaves it out. Repeat it."


def read_chosen(pairs: Iterable[str], file: TransferFile, catalog: Catalog, pipeline: Pipeline) -> Chosen:
    """What an operator chose; here things are called by id or name. Raises BadRequest, NotFound."""
    chosen = Chosen()
    for pair in pairs:
        kind, _, rest = pair.partition(":")
        match kind:
            case "stage":
                name, wanted = _split(pair, rest, [each.name for each in file.stages])
                is_own = any(each.name == name for each in file.own_stages)
                chosen.stages[name] = _stage(wanted, catalog, pipeline, is_own=is_own) if wanted else ""
            case "field":
                name, wanted = _split(pair, rest, [each.name for each in file.fields])
                chosen.fields[name] = _one(wanted, catalog.fields, "field") if wanted else ""
            case "choice":
                fields = {
                    f"{each.name}/{one.name}": (each, one) for each in file.fields for one in each.choices
                }
                name, wanted = _split(pair, rest, list(fields))
                field, choice = fields[name]
                chosen.choices.setdefault(field.name, {})[choice.name] = wanted
            case "person":
                name, wanted = _split(pair, rest, [each.name for each in file.people])
                chosen.people[name] = _one(wanted, catalog.users, "person") if wanted else ""
            case "source":
                name, wanted = _split(pair, rest, list(file.sources))
                chosen.sources[name] = wanted
            case _:
                raise BadRequest(f"{pair!r} is no pair. Write it as {FORMS}.")
    return chosen


def _split(pair: str, rest: str, names: Sequence[str]) -> tuple[str, str]:
    """The file's name and what stands behind it; a name may hold an equals sign itself."""
    if "=" not in rest:
        raise BadRequest(f"{pair!r} is no pair. Write it as {FORMS}.")
    for left, right in _cuts(rest):
        name = next((each for each in names if each.casefold() == left.casefold()), None)
        if name is not None:
            return name, right
    listed = ", ".join(names) or "none"
    raise NotFound(f"The file has no such name as in {pair!r}. It has: {listed}.")


def _cuts(text: str) -> Iterator[tuple[str, str]]:
    for place, letter in enumerate(text):
        if letter == "=":
            yield text[:place].strip(), text[place + 1 :].strip()


def _stage(wanted: str, catalog: Catalog, pipeline: Pipeline, *, is_own: bool) -> str:
    """A stage of the pipeline, or of another one as `pipeline:stage`."""
    if is_own:
        return pick_stage(pipeline, wanted).ref.stage_id
    stages = [stage for each in catalog.pipelines if each.id != pipeline.id for stage in each.stages]
    titles = {each.id: each.title for each in catalog.pipelines}
    for stage in stages:
        if wanted.casefold() in (
            str(stage.ref).casefold(),
            f"{titles[stage.ref.pipeline_id]}:{stage.title}".casefold(),
        ):
            return str(stage.ref)
    raise NotFound(f"There is no stage {wanted!r} in another pipeline. Write it as PIPELINE:STAGE.")


def _one(wanted: str, things: Sequence[DealField | User], what: str) -> str:
    for each in things:
        title = each.title if isinstance(each, DealField) else each.name
        if wanted == each.id or wanted.casefold() == title.casefold():
            return each.id
    raise NotFound(f"The account has no {what} {wanted!r}.")
