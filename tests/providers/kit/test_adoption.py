"""Adopt and give back: what is remembered of an object, and what of it is restored."""

from __future__ import annotations

import pytest
from pulumi_provider_kit.adoption import (
    Adoption,
    Restoration,
    adoption_of,
    explain_lost_create,
    keep_attempted,
    outputs_of,
)
from pulumi_provider_kit.errors import Cancelled, InitializationFailed, PropertyError, ProviderError
from pulumi_provider_kit.values import UNKNOWN, plain, wrap

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


def test_a_failed_write_names_the_resource_that_the_state_is_for() -> None:
    """An error that keeps a state already is passed on as it is."""
    failure = pytest.raises(InitializationFailed, match="no answer; look first")
    with failure as lost, keep_attempted("PN1", {}, "look first"):
        raise ProviderError("no answer")
    assert (lost.value.resource_id, lost.value.reasons) == ("PN1", ("no answer; look first",))

    kept = InitializationFailed("PN2", {"a": wrap("b")}, ["half done"])
    with pytest.raises(InitializationFailed) as passed, keep_attempted("PN1", {}):
        raise kept
    assert passed.value is kept


def test_only_a_lost_create_says_where_to_look() -> None:
    """A refused one created nothing, and one that the user stopped was never sent."""
    refusal = ProviderError("not allowed")
    refusal.refused = True
    for error in (refusal, Cancelled()):
        with pytest.raises(ProviderError) as passed, explain_lost_create("look for it"):
            raise error
        assert passed.value is error

    with pytest.raises(ProviderError, match="^no answer; look for it$"), explain_lost_create("look for it"):
        raise ProviderError("no answer")


def test_whether_something_was_changed_since() -> None:
    """Compared with the value written last, else with the first one; fields of neither do not count."""
    adoption = Adoption(FOUND, {"url": "ours"})

    assert not adoption.differs_from({"url": "ours", "method": "GET", "name": "x"})
    assert adoption.differs_from({"url": "theirs"})
    assert adoption.differs_from({"url": "ours", "method": "PUT"})


def test_whether_giving_back_changes_nothing() -> None:
    """Only if the first value of each field is known, and the field has it."""
    adoption = Adoption(FOUND, {})

    assert adoption.is_original({"url": "theirs", "app": ""})
    assert not adoption.is_original({"url": "theirs", "app": "ours"})
    assert not adoption.is_original({"name": "x"})


def test_what_a_killed_update_wrote_counts() -> None:
    """What did not arrive does not; earlier writes stay."""
    adoption = Adoption(FOUND, {"app": "ours"})
    attempted = {"url": "new", "method": "POST", "name": "new"}

    arrived = adoption.arrived(attempted, {"url": "new", "method": "GET"})

    assert arrived == Adoption(FOUND, {"app": "ours", "url": "new"})


def test_records_are_secret_only_if_the_resource_says_so() -> None:
    """Fields are written in a fixed order, so that equal records are equal texts."""
    outputs = outputs_of(Adoption({}, {"b": "1", "a": "2"}))
    assert {name: value.is_secret for name, value in outputs.items()} == {
        "original": False,
        "lastWritten": False,
    }
    assert list(plain(outputs["lastWritten"])) == ["a", "b"]
