"""What a portal does to those who trust it: each trap, and the tests that show it set."""

import ast
from functools import cache
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BROWSER = HERE.parents[1] / "browser"

TRAPS: dict[int, tuple[str, tuple[str, ...]]] = {
    1: (
        "an update carries only the id, and two quick moves look alike",
        (
            "events::a_move_by_a_person_is_an_update_with_nothing_but_the_id",
            "events::two_quick_moves_are_two_events_that_look_alike",
        ),
    ),
    2: (
        "a change of funnel is another event, for applications only",
        (
            "events::a_change_of_funnel_is_another_event_and_no_update",
            "calls::an_inbound_webhook_reads_but_has_no_application",
        ),
    ),
    3: (
        "changes of robots bring no tokens, in leaner and fuller blocks",
        (
            "events::the_change_of_a_robot_brings_no_tokens",
            "events::a_lean_system_event_names_only_domain_member_and_token",
            "delivery::an_event_may_come_without_the_handler_s_id",
        ),
    ),
    4: (
        "an event that fails is lost for good",
        (
            "events::a_handler_that_fails_is_not_called_again",
            "delivery::an_answer_that_is_no_success_loses_the_event",
            "delivery::a_broken_connection_loses_the_event",
            "delivery::a_share_of_the_events_is_lost_at_random",
        ),
    ),
    5: (
        "events come late, shuffled, twice and by thousands; a slow handler is called less often",
        (
            "events::lost_doubled_and_late_events_are_switches",
            "delivery::shuffled_events_all_arrive_out_of_their_order",
            "delivery::a_burst_is_delivered_whole_and_without_a_limit",
            "events::a_slow_handler_is_called_after_growing_pauses",
        ),
    ),
    6: (
        "nothing before installFinish, after a removal, without payment; an update drops the handlers",
        (
            "events::an_application_gets_nothing_until_it_has_finished_its_installation",
            "events::a_removal_is_told_without_tokens_and_ends_everything",
            "events::an_expired_payment_silences_the_application",
            "events::an_update_tells_and_then_drops_the_handlers",
        ),
    ),
    7: (
        "an own write comes back; only event-born tokens are counted",
        (
            "events::an_own_write_comes_back_as_an_event_of_the_token_s_user",
            "events::a_chain_of_event_born_tokens_ends_after_seven_more_events",
            "delivery::a_chain_of_calls_with_a_stored_token_never_ends",
        ),
    ),
    8: (
        "any saved field is an update, equal values are none",
        (
            "events::the_same_change_is_merged_within_one_request_of_the_portal",
            "deals::saving_equal_values_saves_nothing_and_tells_nobody",
        ),
    ),
    9: (
        "comments in two shapes, names in mixed case, texts everywhere, empty data",
        (
            "events::comments_are_told_in_both_shapes",
            "events::an_event_s_name_may_be_in_mixed_case",
            "events::the_offline_queue_pings_at_most_once_a_second",
        ),
    ),
    10: ("forged events", ("events::forged_events_differ_from_true_ones_where_they_say",)),
    11: ("a smart invoice is a dynamic item", ("events::a_smart_invoice_is_a_dynamic_item_of_type_31",)),
    12: (
        "calls of no length, cut ones, ones of two seconds; before or after their activity; of the contact",
        (
            "delivery::a_call_ends_in_every_way_that_calls_end",
            "events::the_end_of_a_call_is_told_with_its_figures",
            "events::the_call_event_may_come_before_the_activity_s",
            "evidence::a_call_may_be_bound_to_the_contact_alone",
        ),
    ),
    13: (
        "the offline queue collapses, forgets, reserves, keeps sources apart, fifty at a time",
        (
            "events::offline_events_collapse_and_are_gone_once_read",
            "events::reserved_offline_events_wait_until_they_are_cleared",
            "events::an_own_write_with_its_source_key_stays_out_of_that_queue",
            "events::offline_events_are_for_administrators",
            "delivery::each_source_has_an_offline_queue_of_its_own",
            "delivery::the_offline_queue_gives_fifty_rows_at_a_time",
        ),
    ),
    14: (
        "both limits without a hint when to come back, and pages instead of JSON",
        (
            "calls::the_bucket_overflows_after_fifty_and_drains_two_a_second",
            "calls::a_method_that_worked_too_long_is_blocked_alone",
            "calls::answers_carry_their_time_and_errors_do_not",
            "calls::an_outage_answers_with_a_page_instead_of_json",
            "calls::a_share_of_the_calls_is_answered_by_a_page_of_the_web_server",
        ),
    ),
    15: (
        "tokens expire in the middle, rotate, race, and are refused with success",
        (
            "calls::a_token_may_expire_in_the_middle_of_a_batch",
            "calls::tokens_expire_after_an_hour",
            "oauth::a_refresh_replaces_both_tokens",
            "moving_back::of_two_refreshes_with_one_token_one_wins",
            "oauth::an_old_refresh_token_may_stay_good_for_a_while",
            "oauth::wrong_client_comes_with_status_200",
        ),
    ),
    16: (
        "whose domain it is, a renamed portal, a portal of its own domain, two authorization servers",
        (
            "oauth::the_domain_of_a_token_answer_is_the_authorization_server_s",
            "calls::a_renamed_portal_answers_by_sending_elsewhere",
            "moving_back::either_authorization_server_serves_a_portal_of_its_own_domain",
        ),
    ),
    17: (
        "batches: part of it fails, lists for maps, more than fifty, references, halt",
        (
            "calls::a_batch_answers_each_command_and_uses_results_before",
            "calls::a_batch_without_errors_has_a_list_where_a_map_is_expected",
            "calls::the_surplus_of_a_long_batch_fails",
            "calls::halt_stops_a_batch_at_its_first_error",
        ),
    ),
    18: (
        "two families of methods with two tempers",
        (
            "deals::the_universal_method_answers_numbers_and_nulls",
            "deals::the_old_method_answers_strings",
            "deals::a_deal_that_is_not_there_is_an_empty_code_in_one_family_and_not_found_in_the_other",
            "deals::an_unknown_filter_is_ignored_by_one_family_and_refused_by_the_other",
        ),
    ),
    19: (
        "true, and nothing has changed",
        ("deals::the_old_update_ignores_a_stage_of_another_funnel_and_says_true",),
    ),
    20: (
        "a move back that fails, and robots that undo it",
        (
            "deals::a_required_field_of_the_stage_stops_a_move",
            "moving_back::a_refused_move_is_told_by_the_switched_code",
            "moving_back::a_deleted_deal_is_not_moved",
            "moving_back::a_deal_that_one_may_not_see_is_not_moved",
            "delivery::a_move_back_runs_the_robots_of_the_earlier_stage_again",
            "deals::a_stage_robot_moves_the_deal_on_and_endless_robots_are_cut",
        ),
    ),
    21: (
        "stage history: kinds, no author, one second, hidden rows, missing rows, erased rows",
        (
            "deals::a_move_by_the_api_writes_a_history_row_without_an_author",
            "deals::the_history_names_finals_and_changes_of_funnel_by_their_types",
            "moving_back::moves_of_one_second_are_told_apart_by_their_ids_alone",
            "moving_back::rows_of_hidden_funnels_and_of_others_deals_are_not_seen",
            "moving_back::the_row_of_the_creation_may_be_missing",
            "moving_back::an_own_move_back_is_a_row_like_any_other",
            "deals::deleting_a_deal_erases_its_history",
            "moving_back::the_stage_before_is_there_on_newer_portals_only",
        ),
    ),
    22: (
        "lists: fifty, no next at the end, no counting, rows that come and go, rows that one may not see",
        (
            "deals::lists_come_in_pages_of_fifty_and_the_last_has_no_next",
            "deals::a_list_without_counting_has_neither_total_nor_next",
            "deals::rows_that_go_away_while_paging_make_one_be_missed",
            "moving_back::rows_that_come_while_paging_make_one_be_seen_twice",
            "deals::a_seller_with_own_deals_only_does_not_see_others",
        ),
    ),
    23: (
        "the funnel with the number 0, codes with and without it, stages and funnels that change and go",
        (
            "deals::funnels_and_stages_are_listed_with_the_default_one_at_zero",
            "moving_back::stages_are_renamed_put_elsewhere_and_deleted_without_an_event",
            "moving_back::a_funnel_that_is_empty_goes_with_its_stages",
        ),
    ),
    24: (
        "a write whose answer is lost",
        (
            "calls::a_lost_answer_may_hide_a_finished_write",
            "moving_back::a_write_that_is_tried_again_makes_a_second_comment",
            "evidence::a_notice_with_the_same_tag_takes_the_place_of_the_earlier_one",
        ),
    ),
    25: (
        "the service user loses rights, leaves, or lacks a scope",
        (
            "moving_back::one_who_is_no_administrator_any_more_is_refused_what_needs_one",
            "calls::the_token_of_somebody_who_left_authorizes_nobody",
            "calls::a_missing_scope_is_answered_as_401_or_403",
        ),
    ),
    26: (
        "what a page is posted is late, foreign, tampered with, or not there",
        (
            "oauth::what_a_page_is_posted_can_be_broken",
            "moving_back::the_number_of_a_foreign_deal_in_a_page_s_form_opens_nothing",
            "oauth::the_main_page_may_have_options_without_an_address",
            "oauth::the_bi_menu_gets_a_bare_request",
        ),
    ),
    27: (
        "a viewer who is no administrator, or whom the application is closed to",
        (
            "oauth::profile_says_who_is_an_administrator",
            "calls::an_application_may_be_limited_to_some_users",
        ),
    ),
    28: (
        "frames: strange commands, strange origins, no parent at all, any width",
        (
            "portal_frames::a_command_that_nobody_knows_is_never_answered",
            "portal_frames::a_page_that_names_another_portal_is_not_framed",
            "portal_frames::a_page_outside_the_portal_has_no_parent_to_ask",
            "portal_frames::a_frame_has_no_cookies_of_its_own_under_a_foreign_site",
            "portal_frames::a_frame_is_as_wide_as_its_place",
        ),
    ),
}


@cache
def made_in(module: str) -> set[str]:
    """The names of a module's tests without their beginning."""
    inside = HERE / f"test_{module}.py"
    file = inside if inside.is_file() else BROWSER / f"test_{module}.py"
    parsed = ast.parse(file.read_text("utf-8"))
    made = [node for node in parsed.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {node.name.removeprefix("test_") for node in made if node.name.startswith("test_")}


def test_no_trap_is_left_out() -> None:
    assert list(TRAPS) == list(range(1, 29))


@pytest.mark.parametrize("number", TRAPS)
def test_every_trap_is_shown_by_tests_that_exist(number: int) -> None:
    says, names = TRAPS[number]
    assert says
    assert names
    for name in names:
        module, _, test = name.partition("::")
        assert test in made_in(module), f"trap {number}: there is no test {name}"
