"""Adopt and give back: what is remembered of an object, and what of it is restored."""

from __future__ import annotations

import pytest
from pulumi_provider_kit.adoption import Adoption, Restoration, adoption_of, keep_attempted, outputs_of
from pulumi_provider_kit.errors import InitializationFailed, PropertyError, ProviderError
from pulumi_provider_kit.values import UNKNOWN, wrap

FOUND = {"url": "theirs", "method": "GET", "app": ""}


def test_each_field_is_restored_on_its_own() -> None:
    """Our value goes back, a value that was changed since stays, and a first value needs nothing."""
    adoption = Adoption(FOUND, {"url": "ours", "method": "POST", "app": "ours"})
    live = {"url": "ours", "method": "PUT", "app": "", "name": "not written"}

    assert adoption.restoration(live) == Restoration({"url": "theirs"}, {"method": "PUT"}, ())


def test_a_field_without_a_first_value_is_reported_as_unknown() -> None:
    """Its value is this program's, and there is nothing to restore."""
    adoption = Adoption({}, {"url": "ours", "app": "ours"})

    restoration = adoption.restoration({"url": "ours", "app": "changed"})

    assert restoration == Restoration({}, {"app": "changed"}, ("url",))


def test_force_restores_what_was_changed() -> None:
    """The user said so."""
    assert Adoption(FOUND, {"url": "ours"}).restoration({"url": "changed"}, force=True).back == {
        "url": "theirs"
    }


def test_a_resource_says_which_values_are_its_own() -> None:
    """A URL that differs in its connection overrides alone, for example."""
    restoration = Adoption(FOUND, {"url": "ours"}).restoration(
        {"url": "ours#rt=5000"}, is_ours=lambda field: field == "url"
    )

    assert restoration == Restoration({"url": "theirs"}, {}, ())


def test_a_field_that_leaves_the_program_goes_back() -> None:
    """Also one that an update which failed has left behind; one without a first value stays."""
    adoption = Adoption(FOUND, {"method": "POST", "name": "ours"})

    assert adoption.leaving({"url"}, {"app"}) == {"method": "GET", "url": "theirs"}
    assert adoption.leaving({"url"}, {"method", "url"}) == {}


def test_a_lost_answer_keeps_both_outcomes_restorable() -> None:
    """A field on its way back counts with the value that it has if the write did not arrive."""
    adoption = Adoption(FOUND, {"url": "ours"})
    attempted = adoption.attempting({"method": "POST"}, {"url": "theirs"})

    assert attempted.written == {"url": "ours", "method": "POST"}
    not_arrived = attempted.restoration({"url": "ours", "method": "GET"})
    arrived = attempted.restoration({"url": "theirs", "method": "POST"})
    assert (not_arrived.back, not_arrived.changed) == ({"url": "theirs"}, {})
    assert (arrived.back, arrived.changed) == ({"method": "GET"}, {})


def test_a_field_that_went_back_is_no_longer_managed() -> None:
    """A change of it after that is the user's own."""
    assert Adoption(FOUND, {"url": "ours"}).after({"method": "POST"}, {"url": "theirs"}).written == {
        "method": "POST"
    }


def test_records_survive_the_state() -> None:
    """What is written to the state is what is read from it; a missing record is an empty one."""
    adoption = Adoption(FOUND, {"url": "ours"})

    assert adoption_of(outputs_of(adoption, is_secret=True)) == adoption
    assert outputs_of(adoption, is_secret=True)["original"].is_secret
    assert adoption_of({}, otherwise={"url": "given"}) == Adoption({}, {"url": "given"})
    assert adoption_of({"original": UNKNOWN}) == Adoption({}, {})


def test_only_a_lost_answer_keeps_the_attempted_state() -> None:
    """A refused write changed nothing, so that the previous state holds."""
    refusal = PropertyError("url", "is not valid")
    refusal.refused = True
    with pytest.raises(PropertyError), keep_attempted("id", {}):
        raise refusal

    failure = pytest.raises(InitializationFailed, match="no answer; run pulumi up again")
    with failure as lost, keep_attempted("id", {"a": wrap("b")}):
        raise ProviderError("no answer")
    assert lost.value.state == {"a": wrap("b")}
