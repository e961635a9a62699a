"""`voicehooks:protectNumbers`: a number whose line is deleted by mistake stays as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.clone import clone_repository
from tests.support.hand_deployed import NUMBER

OTHER = "+15551234568"


@pytest.mark.slow
def test_a_deleted_line_stops_the_preview_and_goes_in_two_steps(
    sandbox: dict[str, str], tmp_path: Path
) -> None:
    """Protected: neither a deleted line nor destroy gives the number back; unprotected first, it is."""
    clone = clone_repository(tmp_path / "clone", sandbox, numbers={NUMBER: {}, OTHER: {}}, protectNumbers=True)
    clone.up()
    pointed = clone.number(OTHER)["voice_url"]
    assert pointed

    clone.configure(numbers={NUMBER: {}})
    for command in (["preview"], ["up", "--yes", "--skip-preview"], ["destroy", "--yes", "--skip-preview"]):
        refused = clone.pulumi(*command, ok=False)
        assert "protected" in refused
        assert OTHER in refused or command[0] == "destroy"
        assert clone.number(OTHER)["voice_url"] == pointed

    clone.configure(numbers={NUMBER: {}, OTHER: {}}, protectNumbers=False)
    clone.up()
    clone.configure(numbers={NUMBER: {}})
    clone.up()
    assert clone.number(OTHER)["voice_url"] == ""
    assert clone.number(NUMBER)["voice_url"] == pointed
