"""Every switch of the sandbox: faults to inject and the documented uncertainties, one field each."""

from dataclasses import dataclass

from app.sandbox.journey import Journey

CHOICES: dict[str, tuple[object, ...]] = {
    "account_block": ("first", "last", "random"),
    "pair_order": ("update_first", "status_first", "random"),
    "mass_hooks": ("grouped", "single", "both"),
    "timeout_code": (0, 499),
    "webhook_created_status": (201, 200),
    "event_limit_mode": ("clamp", "refuse"),
    "task_event_entity": ("task", "lead"),
    "field_event_type": ("per_field", "generic"),
    "field_filter_mode": ("any", "exact"),
    "unpaid_filter_mode": ("ignore", "refuse"),
    "down": ("", "503", "cut"),
    "lost_write_mode": ("504", "cut"),
    "unpaid": ("", "writes", "all"),
    "moved_status": (401, 404),
    "disable_hook_parameter": ("client_uuid", "client_id"),
    "platform": (1, 2),
    "admin_claim": ("present", "missing"),
}
"""What a switch with few values takes."""


@dataclass
class Faults(Journey):
    """Rates are chances from 0 to 1, times are seconds. The defaults are a healthy account."""

    choices = CHOICES

    echo_delay_max: float = 0.0
    # webhooks: what they say
    account_block: str = "first"
    account_block_id: bool = True
    thin_hooks: bool = False
    old_pipeline_in_hooks: bool = False
    pair_order: str = "update_first"
    mass_hooks: str = "grouped"
    zero_author_rate: float = 0.0
    escape_ampersands: bool = True
    string_dates_offset: int = 0
    double_task_hooks: bool = False
    # webhooks: the delivery service
    same_requestid_on_retry: bool = True
    timeout_code: int = 0  # how a timeout is recorded decides between 3 and 5 attempts
    trailing_slash_required: bool = False
    repost_enables_hook: bool = False
    webhook_created_status: int = 201
    # the log and the API
    event_log_lag: float = 0.0
    event_log_jitter: float = 0.0
    events_oldest_first: bool = False
    event_limit_mode: str = "clamp"
    task_event_entity: str = "task"
    field_event_type: str = "per_field"
    field_filter_mode: str = "any"  # what the filter by the general kind finds
    mail_events: bool = True
    filter_paid: bool = True
    unpaid_filter_mode: str = "ignore"
    strict_required_statuses: bool = False
    ui_required_statuses: bool = True
    keep_loss_reason_on_reopen: bool = False
    status_alone_moves_pipeline: bool = True
    latency: float = 0.0
    down: str = ""
    lost_write_rate: float = 0.0
    lost_write_mode: str = "504"
    shifting_pages: bool = False
    # limits
    rate_limit: bool = False
    integration_rps: int = 7
    account_rps: int = 50
    noise_rps: int = 0
    html_429: bool = False
    retry_after: int = 300
    ban_after: int = 30
    ip_ban: bool = False
    ip_not_allowed: bool = False
    unpaid: str = ""
    # OAuth
    refresh_grace: bool = False
    tokens_revoked: bool = False
    lost_token_answer: bool = False
    moved_to_host: str = ""
    moved_status: int = 404
    disable_hook_parameter: str = "client_uuid"
    bad_disable_signature: bool = False
    forged_referer: str = ""
    platform: int = 1
    admin_claim: str = "present"
