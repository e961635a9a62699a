"""The Twilio provider under the real engine, against the emulator."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.providers.twilio.conftest import ACCOUNT, NUMBER, TOKEN, Emulator
from tests.support.engine import Project

OURS = "https://crm.example.com/functions/v1/twilio-webhook"
PROGRAM = """\
import pulumi
import pulumi_twilio as twilio

number = twilio.VoiceConfiguration(
    {name!r},
    phone_number={number!r},
    {arguments}
    opts=pulumi.ResourceOptions({options}),
)
pulumi.export("sid", number.phone_number_sid)
"""


def program(arguments: str, *, name: str = NUMBER, number: str = NUMBER, options: str = "") -> str:
    """Return a program with one number."""
    return PROGRAM.format(arguments=arguments, name=name, number=number, options=options)


@pytest.fixture
def project(emulator: Emulator, tmp_path: Path) -> Project:
    """Return a project that is signed in at the emulator."""
    project = Project(tmp_path, {"twilio:accountSid": ACCOUNT, "twilio:baseUrl": emulator.url})
    project.set_secret("twilio:authToken", TOKEN)
    return project


@pytest.mark.slow
def test_the_whole_life_of_a_number(emulator: Emulator, project: Project) -> None:
    """Adopted, unchanged, one property changed, drifted, put right, given back."""
    emulator.click(StatusCallback="https://user:hunter2@old.example.com/s")
    project.program(program(f"voice_url={OURS!r}, status_callback={OURS!r},"))
    refused = project.run("preview", ok=False)
    assert "add replace_existing=True" in refused
    assert "hunter2" not in refused.text
    project.program(program(f"voice_url={OURS!r}, status_callback={OURS!r}, replace_existing=True,"))
    preview = project.preview()
    assert f"exists, nothing is bought; voice_url (empty) -> {OURS}" in preview
    project.up()
    assert project.outputs()["sid"] == emulator.number()["sid"]
    assert "1 unchanged" in project.up() or "2 unchanged" in project.up()

    changed = f"{OURS}?v=2"
    project.program(program(f"voice_url={changed!r}, status_callback={OURS!r}, replace_existing=True,"))
    lines = [line for line in project.preview().text.splitlines() if "=>" in line]
    assert [line.strip() for line in lines] == [f'~ voiceUrl: "{OURS}" => "{changed}"']
    project.up()

    emulator.click(VoiceUrl="https://drift.example.com/x")
    lines = [line.strip() for line in project.preview().text.splitlines() if "voiceUrl" in line]
    assert f'~ voiceUrl: "https://drift.example.com/x" => "{changed}"' in lines
    project.up()
    assert emulator.number()["voice_url"] == changed

    state = project.state()
    assert "hunter2" not in state
    assert TOKEN not in state
    doomed = project.run("destroy", "--preview-only", "--diff", "--non-interactive")
    assert 'status_callback      : "https://***@old.example.com/s"' in doomed
    destroyed = project.destroy()
    assert "goes back to what it had before" in destroyed
    assert "hunter2" not in destroyed.text
    assert emulator.number()["status_callback"] == "https://user:hunter2@old.example.com/s"
    assert not emulator.number()["voice_url"]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["renamed", "re-parented", "aliased"])
def test_another_name_or_parent_leaves_the_number_alone(emulator: Emulator, project: Project, how: str) -> None:
    """Whatever the engine makes of it, the number answers all the time and nothing is given back."""
    arguments = f"voice_url={OURS!r},"
    project.program(program(arguments))
    project.up()
    emulator.forget_requests()
    if how == "re-parented":
        parent = 'parent=pulumi.ComponentResource("test:index:Group", "group")'
        project.program(program(arguments, options=parent))
    elif how == "renamed":
        project.program(program(arguments, name="main"))
    else:
        project.program(program(arguments, name="main", options=f'aliases=[pulumi.Alias(name="{NUMBER}")]'))
    project.up()
    assert emulator.number()["voice_url"] == OURS
    assert "POST" not in {r["method"] for r in emulator.requests()}
    project.destroy()
    assert emulator.number()["voice_url"] == "", "the new resource knows what was before"


def test_import_is_followed_by_an_empty_preview(emulator: Emulator, project: Project) -> None:
    """Pulumi import by number, then a program that says the same: no change."""
    emulator.click(VoiceUrl=OURS)
    project.program("")
    project.run(
        "import",
        "twilio:index:VoiceConfiguration",
        NUMBER,
        NUMBER,
        "--yes",
        "--protect=false",
        "--generate-code=false",
    )
    project.program(program(f"voice_url={OURS!r},"))
    assert "unchanged" in project.preview("--expect-no-changes")


def test_every_wrong_property_is_shown(project: Project) -> None:
    """A failing check names each property, and nothing is half done."""
    project.program(program("voice_url='http://example.com/x', status_callback='https://example.com/x/',"))
    text = project.run("preview", ok=False)
    assert "voiceUrl starts with http://" in text
    assert "statusCallback ends with a slash" in text
    assert "value {" not in text


def test_a_wrong_secret_is_not_printed(project: Project) -> None:
    """The engine prints the value of a property that a failure names; none is named to it."""
    secret = "pulumi.Output.secret('https://user:hunter2@x.example.com/v')"
    project.program(program(f"voice_url={secret}, status_callback=pulumi.Output.secret('hunter2'),"))
    text = project.run("preview", ok=False).text
    assert "voiceUrl has a user name or password in it" in text
    assert "statusCallback is not an absolute URL" in text
    assert "hunter2" not in text


def test_a_number_that_is_not_owned_fails_in_the_preview(project: Project) -> None:
    """One clear sentence, before anything is done."""
    project.program(program(f"voice_url={OURS!r},", number="+15550000000"))
    assert "is not a number of account" in project.run("preview", ok=False)


@pytest.mark.slow
def test_a_rotated_token(emulator: Emulator, project: Project) -> None:
    """With a new token in the configuration, preview, up and destroy use it and not the state's."""
    project.program(program(f"voice_url={OURS!r},"))
    project.up()
    new = "e" * 32
    emulator.http.post("/_sandbox/account", json={"authToken": new}).raise_for_status()
    assert "pulumi config set --stack test --secret twilio:authToken" in project.run("preview", ok=False)
    project.set_secret("twilio:authToken", new)
    project.preview()
    project.up()
    project.destroy()
