"""The generated Python classes under the real engine: providers, lookups of existing objects, nested names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.providers.twilio.conftest import ACCOUNT, NUMBER, TOKEN, Emulator
from tests.support.engine import Project

OURS = "https://crm.example.com/voice"
ELSEWHERE = "+15557770001"
TWO_ACCOUNTS = """\
import pulumi
import pulumi_twilio as twilio

config = pulumi.Config()
support = twilio.Provider(
    "support",
    account_sid=config.require("support"),
    auth_token=config.require_secret("supportToken"),
    base_url=config.require("address"),
)
sales_line = twilio.VoiceConfiguration("sales", phone_number={number!r}, voice_url={url!r})
support_line = twilio.VoiceConfiguration(
    "support-line",
    phone_number={elsewhere!r},
    voice_url={url!r},
    opts=pulumi.ResourceOptions(provider=support),
)
pulumi.export("accounts", [sales_line.account_sid, support_line.account_sid])
"""
READ = """\
import pulumi
import pulumi_twilio as twilio

found = twilio.VoiceConfiguration.get("found", "{number}")
pulumi.export("url", found.voice_url)
pulumi.export("delivery", found.delivery)
"""
# As `pulumi import` prints it for Python.
IMPORTED = """\
import pulumi
import pulumi_twilio as twilio

front_desk = twilio.VoiceConfiguration("front-desk",
    delivery={{
        "retries": 3,
        "retry_on": ["connect", "5xx"],
    }},
    phone_number="{number}",
    voice_url="{url}",
    opts = pulumi.ResourceOptions(protect=True))
dialing = twilio.DialingPermissions("dialing",
    countries={{
        "US": {{
            "high_risk_special": False,
            "high_risk_tollfraud": False,
            "low_risk": True,
        }},
    }},
    opts = pulumi.ResourceOptions(protect=True))
"""


@pytest.fixture
def project(emulator: Emulator, tmp_path: Path) -> Project:
    """Return a project that is signed in at the emulator."""
    return Project(
        tmp_path, {"twilio:accountSid": ACCOUNT, "twilio:authToken": TOKEN, "twilio:baseUrl": emulator.url}
    )


@pytest.mark.slow
def test_two_accounts_in_one_program(emulator: Emulator, project: Project) -> None:
    """Each provider works in its own account, and its token is not in the state in clear text."""
    made = emulator.http.post("/2010-04-01/Accounts.json", data={"FriendlyName": "support"}).json()
    stock = {"phone_numbers": [ELSEWHERE], "account_sid": made["sid"]}
    emulator.http.post("/_sandbox/numbers", json=stock).raise_for_status()
    project.configure({"trial:support": made["sid"], "trial:address": emulator.url})
    project.set_secret("trial:supportToken", made["auth_token"])
    project.program(TWO_ACCOUNTS.format(number=NUMBER, elsewhere=ELSEWHERE, url=OURS))
    project.up()
    assert project.outputs() == {"accounts": [ACCOUNT, made["sid"]]}
    assert made["auth_token"] not in project.state()
    listed = emulator.http.get(
        f"/2010-04-01/Accounts/{made['sid']}/IncomingPhoneNumbers.json", auth=(made["sid"], made["auth_token"])
    )
    assert [n["voice_url"] for n in listed.json()["incoming_phone_numbers"]] == [OURS]
    project.preview("--expect-no-changes")


def test_get_reads_a_number_and_manages_nothing(emulator: Emulator, project: Project) -> None:
    """Its properties are those of the live number, and neither an update nor a destroy writes anything."""
    emulator.click(VoiceUrl=f"{OURS}#rc=2")
    project.program(READ.format(number=NUMBER))
    emulator.forget_requests()
    project.up()
    assert project.outputs() == {"url": OURS, "delivery": {"retries": 2}}
    project.destroy()
    assert {r["method"] for r in emulator.requests()} == {"GET"}


@pytest.mark.slow
def test_what_import_prints_can_be_pasted(emulator: Emulator, project: Project) -> None:
    """After an import, the printed program has nothing to do."""
    emulator.click(VoiceUrl=f"{OURS}#rc=3&rp=ct,5xx")
    project.program("")
    options = ("--yes", "--generate-code=false", "--non-interactive")
    project.run("import", "twilio:index:VoiceConfiguration", "front-desk", NUMBER, *options)
    project.run("import", "twilio:index:DialingPermissions", "dialing", "US", *options)
    project.program(IMPORTED.format(number=NUMBER, url=OURS))
    project.preview("--expect-no-changes")


def test_both_spellings_of_one_property_are_refused(project: Project) -> None:
    """The error names both."""
    project.program(
        "import pulumi_twilio as twilio\n"
        f"twilio.VoiceConfiguration('x', phone_number={NUMBER!r}, delivery={{'retry_on': [], 'retryOn': []}})\n"
    )
    assert "retryOn is given twice: retryOn is the same property" in project.run("preview", ok=False)
