"""`voicehooks init`: each credential tried at once, nothing is overwritten, half a run is resumed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.support.clone import ROOT, Clone
from tests.support.hand_deployed import BIN, NUMBER
from tests.support.terminal import run_in_terminal
from voicehooks.commands.init.example import is_untouched_example


@pytest.fixture
def clone(undeployed: Clone) -> Clone:
    """A clone with a sandbox as on its first day."""
    return undeployed


def _addresses(clone: Clone) -> dict[str, str]:
    return {
        "TWILIO_BASE_URL": clone.values["twilio_base_url"],
        "SUPABASE_API_URL": clone.values["supabase_api_url"],
    }


def _given(clone: Clone, **more: str) -> dict[str, str]:
    (clone.folder / "state").mkdir(exist_ok=True)
    return {
        **_addresses(clone),
        "TWILIO_ACCOUNT_SID": clone.values["twilio_account_sid"],
        "TWILIO_AUTH_TOKEN": clone.values["twilio_auth_token"],
        "SUPABASE_ACCESS_TOKEN": clone.values["supabase_access_token"],
        "SUPABASE_PROJECT_REF": clone.values["supabase_project_ref"],
        "PULUMI_BACKEND_URL": f"file://{clone.folder}/state",
        "PULUMI_CONFIG_PASSPHRASE": "a long one",
        **more,
    }


def _refused(clone: Clone, *options: str, **more: str) -> str:
    """The one line with which init refuses; it has written nothing."""
    done = clone.voicehooks("init", "team", *options, environment=_given(clone, **more))
    assert done.returncode == 2, done.stdout + done.stderr
    assert not (clone.folder / "Pulumi.team.yaml").exists()
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    line = done.stderr.splitlines()[-1]
    assert line.startswith("voicehooks: ")
    return line


def test_without_a_terminal_everything_missing_is_named_at_once(clone: Clone) -> None:
    """One sentence lists each missing value with its option and its variable."""
    done = clone.voicehooks("init", "team", environment=_addresses(clone))
    assert done.returncode == 2
    for source in ("--account-sid or TWILIO_ACCOUNT_SID", "(TWILIO_AUTH_TOKEN)", "(SUPABASE_ACCESS_TOKEN)"):
        assert source in done.stderr
    assert "Traceback" not in done.stderr


def test_the_example_of_a_clone_makes_way(clone: Clone) -> None:
    """`init dev` in a fresh clone works although its Pulumi.dev.yaml is there; one that was changed stays."""
    example = (ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    path = clone.folder / "Pulumi.dev.yaml"
    path.write_text(example, encoding="utf-8")
    clone.git("init", "--quiet")
    clone.git("add", "Pulumi.dev.yaml")
    clone.git("commit", "--quiet", "-m", "Begin")
    path.write_text(example + "# mine\n", encoding="utf-8")
    refused = clone.voicehooks("init", "dev", environment=_given(clone))
    assert refused.returncode == 2
    assert "Pulumi.dev.yaml already exists and is not overwritten" in refused.stderr
    assert path.read_text(encoding="utf-8") == example + "# mine\n"
    path.write_text(example, encoding="utf-8")
    wrong = clone.voicehooks("init", "dev", environment=_given(clone, TWILIO_AUTH_TOKEN="0" * 32))
    assert (wrong.returncode, path.read_text(encoding="utf-8")) == (2, example)
    done = clone.voicehooks("init", "dev", "--json", "--number", NUMBER, environment=_given(clone))
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert {"state", "checks"} <= document.keys()
    del document["state"], document["checks"]
    assert document == {
        "stack": "dev",
        "file": "Pulumi.dev.yaml",
        "numbers": [NUMBER],
        "next": f"voicehooks adopt --stack dev {NUMBER}",
    }
    assert "git show HEAD:./Pulumi.dev.yaml shows it again" in done.stderr
    made = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert made["config"]["twilio:accountSid"] == clone.values["twilio_account_sid"]
    assert "voicehooks:defaults" not in made["config"]
    again = clone.voicehooks("init", "dev", environment=_given(clone))
    assert (again.returncode, "is not overwritten" in again.stderr) == (2, True)


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_examples_are_no_environment_yet(tmp_path: Path, name: str) -> None:
    """The repository's examples are recognised; with a project or a salt, or outside of git, they are not."""
    path = tmp_path / f"Pulumi.{name}.yaml"
    text = (ROOT / path.name).read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    assert not is_untouched_example(path)
    clone = Clone(tmp_path, {})
    clone.git("init", "--quiet")
    for salted in (text, f"encryptionsalt: v1:x\n{text}", f"{text}  voicehooks:supabaseProject: mine\n"):
        path.write_text(salted, encoding="utf-8")
        clone.git("add", path.name)
        clone.git("commit", "--quiet", "-m", "next")
        assert is_untouched_example(path) == (salted == text)


def test_a_wrong_auth_token_is_refused_at_once(clone: Clone) -> None:
    """Twilio's refusal is reported before anything is written."""
    assert "the auth token of AC" in _refused(clone, TWILIO_AUTH_TOKEN="0" * 32)


def test_an_api_key_that_lacks_a_right_says_which(clone: Clone) -> None:
    """A restricted key that may read numbers but no TwiML Apps is refused with the right's name."""
    key = clone.control(
        "POST",
        "api-keys",
        json={"type": "restricted", "permissions": ["/twilio/phone-numbers/incoming/list"]},
    )
    line = _refused(clone, TWILIO_API_KEY=key["sid"], TWILIO_API_SECRET=key["secret"])
    assert "Applications: list" in line
    assert key["secret"] not in line


def test_a_wrong_api_key_is_refused_although_the_token_is_right(clone: Clone) -> None:
    """Both are tried, since both are needed."""
    line = _refused(clone, TWILIO_API_KEY="SK" + "0" * 32, TWILIO_API_SECRET="wrong")
    assert "the API key for AC" in line


def test_a_suspended_account_is_reported(clone: Clone) -> None:
    """Credentials that open an account which makes no calls are not accepted."""
    clone.control("POST", "account", json={"status": "suspended"})
    assert "suspended" in _refused(clone)


def test_a_wrong_access_token_is_refused(clone: Clone) -> None:
    """Supabase's refusal is reported before anything is written."""
    assert "the access token was refused" in _refused(clone, SUPABASE_ACCESS_TOKEN="sbp_" + "0" * 40)


def test_a_scoped_token_says_which_permission_it_lacks(clone: Clone) -> None:
    """Functions, secrets and database are each tried; the missing permission is named."""
    permissions = ["project_admin_read", "edge_functions_read", "database_read"]
    clone.supabase_control("POST", "faults", json={"token_permissions": permissions})
    line = _refused(clone)
    assert "edge_functions_secrets_read" in line
    assert "edge_functions_read" not in line


def test_an_unknown_project_is_reported(clone: Clone) -> None:
    """A reference that the token cannot see is no project of this environment."""
    assert "there is no project" in _refused(clone, SUPABASE_PROJECT_REF="a" * 20)


def test_an_unknown_number_is_reported(clone: Clone) -> None:
    """A number that the account does not own cannot be named."""
    assert "+15550000001 is not a number of this account" in _refused(clone, "--number", "+15550000001")


def test_a_file_that_is_there_is_not_overwritten(clone: Clone) -> None:
    """An existing file of that name stays, and the error says what to do."""
    path = clone.folder / "Pulumi.mine.yaml"
    path.write_text("config: {}  # mine\n", encoding="utf-8")
    done = clone.voicehooks("init", "mine", environment=_given(clone))
    assert done.returncode == 2
    assert "not overwritten" in done.stderr
    assert "mv Pulumi.mine.yaml" in done.stderr
    assert path.read_text(encoding="utf-8") == "config: {}  # mine\n"


@pytest.mark.slow
def test_half_a_run_is_gone_on_with(clone: Clone) -> None:
    """After a failure between the file and the stack, the same command finishes, asking the secrets alone."""
    path = clone.folder / "Pulumi.half.yaml"
    nowhere = _given(clone, PULUMI_BACKEND_URL="file:///nowhere/to/be/found")
    failed = clone.voicehooks("init", "half", "--number", NUMBER, environment=nowhere)
    assert failed.returncode == 2
    assert "run voicehooks init half again" in failed.stderr
    begun = path.read_text(encoding="utf-8")

    variables_now = {
        k: v for k, v in _given(clone).items() if k not in {"TWILIO_ACCOUNT_SID", "SUPABASE_PROJECT_REF"}
    }
    done = clone.voicehooks("init", "half", environment=variables_now)
    assert done.returncode == 0, done.stderr
    text = path.read_text(encoding="utf-8")
    assert "has not finished" not in text
    config = yaml.safe_load(text)["config"]
    assert config["voicehooks:numbers"] == {NUMBER: {}}
    assert set(config["twilio:authToken"]) == {"secure"}
    assert set(config["supabase:accessToken"]) == {"secure"}

    again = clone.voicehooks("init", "half", environment=_given(clone))
    assert again.returncode == 2
    assert path.read_text(encoding="utf-8") == text

    account = clone.values["twilio_account_sid"]
    path.write_text(begun.replace(account, "AC" + "9" * 32), encoding="utf-8")
    another = clone.voicehooks("init", "half", "--account-sid", account, environment=_given(clone))
    assert (another.returncode, "another account" in another.stderr) == (2, True), another.stderr


@pytest.mark.slow
def test_in_a_terminal_it_asks_tries_and_asks_again(clone: Clone, tmp_path: Path) -> None:
    """Nothing that is refused ends it: it asks again, keeps the other answers, and shows no secret."""
    (clone.folder / "state").mkdir(exist_ok=True)
    token, access = clone.values["twilio_auth_token"], clone.values["supabase_access_token"]
    shown = run_in_terminal(
        [BIN / "voicehooks", "init", "asked", "--public-url", clone.values["supabase_url"]],
        clone.folder,
        answers={
            "Twilio account SID (AC...): ": "hello",
            "shows it\r\nTwilio account SID (AC...): ": access,
            "was not used\r\nTwilio account SID (AC...): ": f"https://console.twilio.com/us1/account/{clone.values['twilio_account_sid']}/keys",
            "Twilio auth token: ": "0" * 32,
            "Enter keeps an answer\r\nTwilio account SID": "",
            "Twilio auth token (Enter: the same): ": token,
            "API key for Pulumi": "",
            "Supabase project": f"https://supabase.com/dashboard/project/{clone.values['supabase_project_ref']}",
            "Supabase access token: ": access,
            "Phone numbers to manage": "+1 (555) 123-4567",
            "What is it for [incoming]: ": "in",
            "recording\r\nWhat is it for [incoming]: ": "outgoing, recording",
            "The CRM page that places calls": "https://crm.example.com/leads/7",
            "Where is the state stored": "?",
            "(/folder)\r\nWhere is the state stored": f"{clone.folder}/state",
            "one is made up): ": "",
        },
        environment={**_addresses(clone), "PULUMI_HOME": str(tmp_path)},
    )
    assert shown.exit_code == 0, shown.text
    assert token not in shown.text
    # The terminal itself shows what is typed; that line is removed again, and nothing repeats it.
    assert shown.text.count(access) == 1
    assert "Twilio account SID (AC...): ****" in shown.text
    assert "was refused" in shown.text
    assert "this machine: for one person" in shown.text
    passphrase = re.search(r"export PULUMI_CONFIG_PASSPHRASE='(\S+)'", shown.text)
    assert passphrase is not None
    assert f"voicehooks adopt --stack asked {NUMBER}" in shown.text
    config = yaml.safe_load((clone.folder / "Pulumi.asked.yaml").read_text(encoding="utf-8"))["config"]
    assert config["voicehooks:defaults"] == {
        "statusEvents": ["initiated", "ringing", "answered", "completed"],
        "record": "record-from-answer",
    }
    assert config["voicehooks:allowedOrigins"] == ["https://crm.example.com"]
    assert config["voicehooks:numbers"] == {}  # a bare line would have these defaults

    # The printed next step: without the line above it, the passphrase is asked for.
    adopted = run_in_terminal(
        [BIN / "voicehooks", "adopt", "--dry-run"],
        clone.folder,
        answers={"Passphrase of asked: ": "wrong", "of asked: ": passphrase[1]},
        environment={"PULUMI_HOME": str(tmp_path)},
    )
    assert adopted.exit_code == 0, adopted.text
    assert f'+    "{NUMBER}"' in adopted.text
