"""Failures over TLS: the most telling of the tests that run in the clear elsewhere.

All of them run over TLS by `MEMCACHE_SESSION_TLS=1 ./dev/test system`.
"""

import unittest

import test_failover
import test_forgetful_firewall
import test_hung_server
import test_name_resolution
import test_restarted_server

CHOSEN = {
    test_failover.Failover: [
        "test_counter_goes_on_while_servers_are_killed_and_restarted_empty"],
    test_hung_server.HungServer: [
        "test_sixty_sessions_are_written_through_the_outage_and_never_stale",
        "test_request_that_was_open_when_its_server_hung_is_stored_within_the_timeout"],
    test_hung_server.Replay: [
        "test_late_locks_cost_nothing_in_their_php_fpm_and_about_a_second_elsewhere",
        "test_late_stores_overwrite_nothing"],
    test_name_resolution.NameResolution: [
        "test_addresses_of_a_name_are_tried_in_order_until_one_answers"],
    test_restarted_server.RestartedServer: [
        "test_sixty_sessions_only_read_since_the_restart_outlive_the_next_server"],
    test_forgetful_firewall.ForgetfulFirewall: [
        "test_forgotten_connections_are_replaced_and_no_request_fails",
        "test_connections_forgotten_during_requests_are_replaced_and_the_sessions_stored"],
}


def load_tests(*_):
    suite = unittest.TestSuite()
    for case, names in CHOSEN.items():
        over_tls = type(f"{case.__name__}OverTls", (case,), {"tls": True, "__module__": __name__})
        suite.addTests(over_tls(name) for name in names)
    return suite
