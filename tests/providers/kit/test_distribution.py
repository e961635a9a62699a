"""What the metadata of an installed package say."""

from __future__ import annotations

from email.message import Message
from importlib import metadata

import pytest
from pulumi_provider_kit.distribution import repository, version


def test_version_and_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    """The address is the one with the label Repository; an installation without any has none."""
    found = Message()
    found["Version"] = "1.2.3"
    monkeypatch.setattr(metadata, "metadata", lambda name: {"shelf": found}[name])
    monkeypatch.setattr(metadata, "version", lambda name: {"shelf": found}[name]["Version"])
    assert (version("shelf"), repository("shelf")) == ("1.2.3", "")
    found["Project-URL"] = "Changelog, https://a.example/changes, really"
    found["Project-URL"] = "Repository, https://github.com/owner/name"
    assert repository("shelf") == "https://github.com/owner/name"
