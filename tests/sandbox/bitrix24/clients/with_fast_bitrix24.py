"""What a widely used community library reads from and writes to the simulated portal by a webhook.

Runs in an environment of its own; takes a JSON object on standard input and answers one.
"""

import json
import sys
from typing import Any

from fast_bitrix24 import Bitrix


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Its three kinds of calls: everything, by ids, one by one."""
    portal = Bitrix(given["webhook"], verbose=False)
    deal_id = given["deal_id"]
    portal.call("crm.deal.update", [{"ID": deal_id, "fields": {"TITLE": "Через вебхук"}}])
    commands = {"deal": f"crm.deal.get?id={deal_id}", "me": "profile"}
    return {
        "deals": len(portal.get_all("crm.deal.list")),
        "items": len(portal.get_all("crm.item.list", {"entityTypeId": 2})),
        "history": len(portal.get_all("crm.stagehistory.list", {"entityTypeId": 2})),
        "users": len(portal.get_all("user.get")),
        "found": len(portal.get_by_ID("crm.deal.get", [deal_id, deal_id - 1])),
        "batch": sorted(portal.call_batch({"halt": 0, "cmd": commands})),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.load(sys.stdin))))
