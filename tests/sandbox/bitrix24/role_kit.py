"""A role for the seller of a world, with ways that it closes."""

from app.sandbox.bitrix24.model import DEAL
from app.sandbox.bitrix24.portal import Portal
from app.sandbox.bitrix24.roles import Role


def seller_role(portal: Portal, user_id: int) -> Role:
    """The person's role, a new one when he has none."""
    user = portal.users[user_id]
    return portal.roles[user.role_id] if user.role_id else portal.add_role("Менеджер", user_id)


def close_way(portal: Portal, user_id: int, start: str, *targets: str) -> None:
    """Take these targets away from that stage in the person's role."""
    role = seller_role(portal, user_id)
    told = portal.stage(DEAL, start)
    assert told is not None
    stages = [stage for stage in portal.stages_of(DEAL, told.category_id) if stage.status_id != start]
    before = [stage.status_id for stage in stages if role.lets(told, stage)]
    role.set_moves(start, [each for each in before if each not in targets])
