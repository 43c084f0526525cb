"""Whether the steps of a segment make sense: names, proofs and their order."""

from app.domain.breakage import is_broken
from app.domain.checkpoint import Checkpoint
from app.domain.evidence import Direction, EvidenceKind, Grade
from app.domain.playbook import playbook
from app.domain.stage import Catalog
from app.domain.translate import translate_name
from app.domain.trigger import Combine, Proof, Trigger
from app.domain.voice import describes_seller
from app.funnels.document import CheckpointDocument, ProofDocument, SegmentDocument, TriggerDocument
from app.funnels.problems import Reporter

_SPOKEN = (EvidenceKind.MESSAGE, EvidenceKind.MAIL)


def check_checkpoints(segment: SegmentDocument, path: str, catalog: Catalog, report: Reporter) -> None:
    """Report what is wrong or odd in the checkpoints of `segment`, which stands at `path`."""
    keys = [checkpoint.key for checkpoint in segment.checkpoints]
    gated = {key for gate in segment.gates for key in gate.checkpoint_keys}
    for index, checkpoint in enumerate(segment.checkpoints):
        here = f"{path}.checkpoints.{index}"
        if checkpoint.key in keys[:index]:
            report.error(f"{here}.key", "duplicate_key", key=checkpoint.key)
        _check_title(checkpoint, here, report)
        _check_proof(checkpoint, f"{here}.proof", catalog, report)
        _check_order(checkpoint, here, keys, report)
        if checkpoint.key not in gated and not checkpoint.is_optional and checkpoint.title:
            report.warn(here, "unused_checkpoint", title=checkpoint.title)
    circle = find_circle(segment.checkpoints)
    if circle:
        report.error(f"{path}.checkpoints", "cycle", keys=" → ".join(circle))


def find_circle(checkpoints: list[CheckpointDocument]) -> list[str]:
    """Keys of checkpoints that wait for each other, the first one repeated at the end; or nothing."""
    waits = {each.key: [*each.before, each.proof.after] for each in checkpoints}
    safe = set[str]()
    for start in waits:
        circle = _circle_from(start, waits, safe)
        if circle:
            return circle
    return []


def _circle_from(start: str, waits: dict[str, list[str]], safe: set[str]) -> list[str]:
    path: list[str] = []
    todo = [(start, iter(waits.get(start, ())))]
    while todo:
        key, following = todo[-1]
        if key not in path:
            path.append(key)
        step = next((each for each in following if each in waits and each not in safe), None)
        if step is None:
            todo.pop()
            safe.add(path.pop())
        elif step in path:
            return [*path[path.index(step) :], step]
        else:
            todo.append((step, iter(waits[step])))
    return []


def _check_title(checkpoint: CheckpointDocument, path: str, report: Reporter) -> None:
    if not checkpoint.title:
        report.error(f"{path}.title", "empty_title")
        return
    if not describes_seller(checkpoint.title):
        return
    steps = translate_name(checkpoint.title).steps
    if not steps:
        report.warn(f"{path}.title", "sellers_wording", title=checkpoint.title)
        return
    offer = playbook(report.language).wording(steps[0]).title
    report.warn(
        f"{path}.title", "sellers_wording", "sellers_wording_offer", title=checkpoint.title, offer=offer
    )


def _check_proof(checkpoint: CheckpointDocument, path: str, catalog: Catalog, report: Reporter) -> None:
    proof = checkpoint.proof
    if not proof.triggers:
        report.error(f"{path}.triggers", "no_proof")
    elif _is_only_by_hand(proof) and checkpoint.accepts is not Grade.D:
        report.error(path, "never_proven", grade=checkpoint.accepts.value)
    if proof.combine is Combine.AT_LEAST and proof.least < 2:
        report.warn(f"{path}.least", "least_needs_two")
    for index, trigger in enumerate(proof.triggers):
        _check_trigger(trigger, f"{path}.triggers.{index}", catalog, report)


def _is_only_by_hand(proof: ProofDocument) -> bool:
    return all(trigger.kind is EvidenceKind.MANUAL for trigger in proof.triggers)


def _check_trigger(trigger: TriggerDocument, path: str, catalog: Catalog, report: Reporter) -> None:
    if trigger.kind in _SPOKEN and trigger.direction is not Direction.INCOMING:
        report.warn(f"{path}.direction", "seller_trigger")
    alone = Checkpoint("", "", "", Proof((Trigger(trigger.kind, subject=trigger.subject),)))
    if is_broken(alone, catalog):
        code = "unknown_field" if trigger.kind is EvidenceKind.FIELD else "unknown_stage"
        report.error(f"{path}.subject", code)


def _check_order(checkpoint: CheckpointDocument, path: str, keys: list[str], report: Reporter) -> None:
    for index, key in enumerate(checkpoint.before):
        if key not in keys:
            report.error(f"{path}.before.{index}", "unknown_checkpoint", key=key)
    after = checkpoint.proof.after
    if after and after not in keys:
        report.error(f"{path}.proof.after", "unknown_checkpoint", key=after)
