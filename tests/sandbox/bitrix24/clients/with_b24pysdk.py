"""What the vendor's own Python library reads from and writes to the simulated portal.

Runs in an environment of its own; takes a JSON object on standard input and answers one.
"""

import json
import sys
from typing import Any

from b24pysdk import BitrixApp, BitrixToken, Client
from b24pysdk.api.requesters.bitrix_oauth_requester import BitrixOAuthRequester
from b24pysdk.credentials import OAuthPlacementData


def main(given: dict[str, Any]) -> dict[str, Any]:
    """Everything that the library's users do most."""
    domain, server = given["domain"], given["auth_root"]
    BitrixOAuthRequester._OAUTH_TOKEN_URL = f"{server}/oauth/token/"
    BitrixOAuthRequester._APP_INFO_URL = f"{server}/rest/app.info/"
    app = BitrixApp(client_id=given["client_id"], client_secret=given["client_secret"])
    first = app.get_oauth_token(code=given["code"])
    token = BitrixToken(
        domain=domain,
        auth_token=given["access_token"],
        refresh_token=given["refresh_token"],
        bitrix_app=app,
    )
    crm = Client(token).crm
    deal_id = given["deal_id"]
    info = token.get_app_info().result
    renamed = crm.item.update(entity_type_id=2, bitrix_id=deal_id, fields={"title": "Через SDK"})
    comment = {"ENTITY_ID": deal_id, "ENTITY_TYPE": "deal", "COMMENT": "Привет"}
    batch = Client(token).call_batch({"deal": crm.deal.get(bitrix_id=deal_id), "me": Client(token).profile()})
    return {
        "exchanged_for": first.user_id,
        "client_id": info.client_id,
        "member_id": info.install.member_id,
        "renamed_to": renamed.response.result["item"]["title"],
        "title": crm.deal.get(bitrix_id=deal_id).response.result["TITLE"],
        "items": len(crm.item.list(entity_type_id=2).as_list().response.result),
        "items_fast": len(list(crm.item.list(entity_type_id=2).as_list_fast().response.result)),
        "deals": len(crm.deal.list().as_list().response.result),
        "history": crm.stagehistory.list(entity_type_id=2).response.result["items"][0]["STAGE_ID"],
        "comment": crm.timeline.comment.add(fields=comment).response.result,
        "batch": sorted(batch.response.result.result),
        "renewed": token.refresh_oauth_token().member_id,
        "placement": OAuthPlacementData.from_dict(given["placement"]).placement,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(json.load(sys.stdin))))
