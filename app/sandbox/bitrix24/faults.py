"""Every switch of the portal: faults to inject and the documented uncertainties, one field each."""

from dataclasses import dataclass

from app.sandbox.journey import Journey

CHOICES: dict[str, tuple[object, ...]] = {
    "comment_event_shape": ("fields", "flat", "random"),
    "event_name_case": ("upper", "mixed"),
    "lean_auth": ("endpoints", "bare"),
    "history_bad_order": ("ignore", "refuse"),
    "refused_move_code": ("0", "-", "ACCESS_DENIED"),
    "down": ("", "500", "502", "503", "cut"),
    "lost_write_mode": ("504", "cut"),
    "answered_domain": ("auth", "portal"),
    "scope_status": (401, 403),
    "method_confirm": ("", "waiting", "denied"),
    "post_options": ("full", "none", "foreign"),
}
"""What a switch with few values takes."""


@dataclass
class Faults(Journey):
    """Rates are chances from 0 to 1, times are seconds. The defaults are a healthy portal."""

    choices = CHOICES

    slow_after: float = 5.0
    slow_pause: float = 5.0
    # events: what they say
    comment_event_shape: str = "fields"
    event_name_case: str = "upper"
    lean_auth: str = "endpoints"  # endpoints | bare: what a system event's auth block holds
    system_event_rate: float = 0.0
    handler_id_in_events: bool = True
    no_application_token: bool = False
    expired_event_tokens: bool = False
    updates_per_save: int = 1
    activity_raises_update: bool = False
    session_activity_updates: bool = True
    call_event_first: bool = False
    # reading
    deal_previous_stage: bool = False
    history_keeps_creation: bool = True
    history_current_category_only: bool = False
    history_honours_no_count: bool = True
    smart_documents: bool = True
    signing_moves_document: bool = True
    history_bad_order: str = "ignore"
    shifting_pages: bool = False
    # writing
    strict_required_fields: bool = True
    required_custom_fields: bool = False
    refused_move_code: str = "0"
    role_rights: bool = True
    # outages
    latency: float = 0.0
    down: str = ""
    html_error_rate: float = 0.0
    lost_write_rate: float = 0.0
    lost_write_mode: str = "504"
    portal_deleted: bool = False
    # limits
    rate_limit: bool = False
    rate_per_second: float = 2.0
    rate_ceiling: float = 50.0
    operating_limit: bool = False
    operating_ceiling: float = 480.0
    call_seconds: float = 0.02
    overload: bool = False
    unpaid: bool = False
    # access
    refresh_grace: float = 0.0
    lost_token_answer: bool = False
    wrong_client: bool = False
    tokens_expire_mid_batch: bool = False
    answered_domain: str = "auth"
    scope_status: int = 401
    moved_to_host: str = ""
    app_users: str = ""  # comma list of user ids that may use apps; empty for everybody
    offline_reservation: bool = True
    offline_empty_data: bool = False
    offline_shows_source: bool = True
    auth_connector: bool = True
    method_confirm: str = ""
    # what an application's page is posted
    post_application_token: bool = True
    post_expired_token: bool = False
    post_foreign_domain: str = ""
    post_options: str = "full"
    install_event_delay: float = 0.0
