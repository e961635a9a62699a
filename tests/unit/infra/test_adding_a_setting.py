"""Adding a setting is one field: a throw-away setting, added as CONTRIBUTING says, reaches every list."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.number_settings import NumberSettings
from infra.settings_model import ActsOn

ROOT = Path(__file__).parents[3]
COPIED = ("infra", "tools", "voicehooks", "functions")
FIELD = """    hold_music: Annotated[
        Literal["jazz", "rock"] | None, ActsOn.HANDLER, ActsOn.CREATED_CALLS
    ] = Field(None, description="What a caller hears while waiting.")
"""
READ_BACK = """
import json
from types import SimpleNamespace
from infra.handler_settings import handler_settings
from infra.settings import Settings
from voicehooks.{plan} import numbers
given = {{"supabaseProject": "a" * 20, "numbers": {{}}, "defaults": {{"holdMusic": "jazz"}}}}
settings = Settings.model_validate(given)
stack = SimpleNamespace(settings=settings, account_sid="AC1", twilio_api_url="https://api.twilio.com")
print(json.dumps({{
    "handler": json.loads(handler_settings(stack, {{}}))["defaults"],
    "planOrder": numbers._ORDER,
    "planCalls": numbers._CALLS,
}}))
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the code with one more field in the settings' model."""
    for folder in COPIED:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "docs").mkdir()
    for page in ("settings", "commands", "doctor", "pulumi-twilio", "pulumi-supabase", "sandbox"):
        shutil.copy(ROOT / "docs" / f"{page}.md", tmp_path / "docs")
    model = tmp_path / "infra" / "number_settings.py"
    text = model.read_text(encoding="utf-8")
    marker = "    announcement: Annotated["
    assert text.count(marker) == 1
    model.write_text(text.replace(marker, FIELD + marker), encoding="utf-8")
    return tmp_path


def python(clone: Path, *arguments: str) -> str:
    """Run Python with the copy's packages in front of the installed ones."""
    environment = {**os.environ, "PYTHONPATH": str(clone)}
    result = subprocess.run(
        [sys.executable, *arguments], cwd=clone, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_one_field_reaches_the_page_the_interface_the_handler_and_the_plan(clone: Path) -> None:
    """`make generate` writes page and interface; settings.json and the plan follow the field by themselves."""
    python(clone, "-c", "from tools.generate import write_pages; write_pages()")
    page = (clone / "docs" / "settings.md").read_text(encoding="utf-8")
    assert (
        "| `holdMusic` | `jazz`, `rock` | What a caller hears while waiting. | handler, created calls |" in page
    )
    interface = (clone / "functions" / "_shared" / "settings_types.ts").read_text(encoding="utf-8")
    assert 'holdMusic?: "jazz" | "rock" | null;' in interface
    plan = "commands.plan" if (ROOT / "voicehooks" / "commands" / "plan").exists() else "plan"
    found = json.loads(python(clone, "-c", READ_BACK.format(plan=plan)))
    assert found["handler"] == {"holdMusic": "jazz"}
    assert "holdMusic" in found["planOrder"]
    assert "holdMusic" in found["planCalls"]


def test_every_setting_of_a_number_says_where_it_acts() -> None:
    """A field without a place would be accepted and do nothing."""
    placed = {name for place in ActsOn for name in NumberSettings.acting_on(place)}
    assert placed == set(NumberSettings.model_fields)
