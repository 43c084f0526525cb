"""A small published mapping for tests of the engine: pipeline p, gates on b, c and won."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.domain.stage import Catalog
from app.funnels.document import FunnelDocument
from app.funnels.publish import publish
from app.installations.store import save_catalog


def checkpoint(key: str, *triggers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A checkpoint that any of `triggers` proves; an incoming call of a minute by default."""
    call = {"kind": "call", "direction": "incoming", "least_seconds": 60}
    proof = {"triggers": list(triggers) or [call], **more.pop("proof", {})}
    return {
        "key": key,
        "title": f"Did {key}",
        "request": f"Do {key}",
        "hint": f"Ask about {key}",
        "proof": proof,
        **more,
    }


def gate(stage_id: str, *keys: str, mode: str = "enforce", grace_minutes: int = 0) -> dict[str, Any]:
    """A gate on a stage."""
    return {"stage_id": stage_id, "checkpoint_keys": list(keys), "mode": mode, "grace_minutes": grace_minutes}


def mapping(checkpoints: list[dict[str, Any]], gates: list[dict[str, Any]]) -> FunnelDocument:
    """One segment for every deal."""
    segment = {"key": "all", "title": "All", "checkpoints": checkpoints, "gates": gates}
    return FunnelDocument.model_validate({"segments": [segment]})


def publish_mapping(
    conn: Connection,
    installation_id: int,
    catalog: Catalog,
    document: FunnelDocument,
    now: datetime,
    pipeline_id: str = "p",
) -> int:
    """Store the catalog and publish `document` for one pipeline."""
    save_catalog(conn, installation_id, catalog, now)
    pipeline = catalog.pipeline(pipeline_id)
    assert pipeline is not None
    return publish(conn, installation_id, pipeline_id, document, stages=pipeline.stages, by="900", now=now)
