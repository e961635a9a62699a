"""X-Twilio-Signature: what is signed, with which key."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.responses import Response
from twilio.request_validator import RequestValidator
from voicehooks_sandbox.twilio.webhooks.signature import requested_url, signature, signed_url

from tests.sandbox.twilio.receiver import Receiver
from tests.sandbox.twilio.sandbox_client import Sandbox

pytestmark = pytest.mark.anyio
AC = "AC" + "5a4db0c5" * 4
TOKEN = "a0704e4e" * 4
SAY = "<Response><Say>Hello</Say></Response>"
P = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
U = "https://mycompany.com/myapp.php?foo=1&bar=2"


def by_hand(token: Any, url: Any, params: Any) -> Any:
    """The documented algorithm, written again: no code shared with the sandbox or the client."""
    text = url + "".join(name + params[name] for name in sorted(params))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


@pytest.mark.parametrize(
    ("url", "params", "expected"),
    [
        (U, P, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (U.replace(".com", ".com:443"), P, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (U.replace(".com", ".com:8443"), P, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (U.replace("https", "http").replace(".com", ".com:80"), P, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
        (U.replace("https", "http").replace(".com", ".com:1234"), P, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        (U + "&Body=It%27s+amazing", P, "TfZzewPq8wqrGlMfyAud8+/IvJ0="),
        (U + "#rc=3&rp=all", P, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (U.replace("//", "//user:pass@"), P, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (U, {**P, "From": "+14158675310", "Caller": "+14158675310"}, None),
        ("https://example.com/cb?x=1&CallSid=CA1&From=%2B14158675309", {}, "cJHPWtVceACzIy5zr5p9jw/pOWQ="),
        (
            "https://abcdefghijklmnopqrst.supabase.co/functions/v1/voice?tenant=a%20b",
            {
                "CallSid": "CA" + "0" * 32,
                "CallStatus": "completed",
                "ForwardedFrom": "",
                "From": "+14155550100",
                "To": "+14155550111",
            },
            "oqQpxj5I4LbD+KPObb9MA4Jcv+A=",
        ),
    ],
)
def test_published_vectors(url: Any, params: Any, expected: str | None) -> None:
    """Https without port, http with it, no fragment, no credentials, empty values by name."""
    assert signature("12345", url, params) == (expected or by_hand("12345", url, params))


def test_the_example_of_the_security_page() -> None:
    """Another published pair."""
    params = {**P, "From": "+14158675310", "Caller": "+14158675310"}
    assert (
        signature("12345", "https://example.com/myapp.php?foo=1&bar=2", params)
        == "L/OH5YylLD5NRKLltdqwSvS0BnU="
    )


@pytest.mark.parametrize(
    ("url", "signed", "requested"),
    [
        (
            "https://a.example:8443/x?q=a%20b#rc=1",
            "https://a.example/x?q=a%20b",
            "https://a.example:8443/x?q=a%20b",
        ),
        ("http://127.0.0.1:4721/x", "http://127.0.0.1:4721/x", "http://127.0.0.1:4721/x"),
        ("https://[::1]:8443/x", "https://[::1]/x", "https://[::1]:8443/x"),
        ("https://u:p@a.example/x", "https://a.example/x", "https://a.example/x"),
    ],
)
def test_what_is_signed_and_what_is_requested(url: str, signed: str, requested: str) -> None:
    """The query string stays byte for byte."""
    assert (signed_url(url), requested_url(url)) == (signed, requested)


async def test_every_request_of_a_call_is_signed_over_all_its_parameters(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    """Checked by the official validator, as a user's handler would."""
    twiml = (
        "<Response><Dial record='true' recordingStatusCallback='/r'><Number "
        "statusCallback='/s'>+15557654321</Number></Dial></Response>"
    )
    await sandbox.configure(
        VoiceUrl=receiver.twiml("/voice", twiml) + "?x=1#rc=2", StatusCallback="https://hooks.example/e"
    )
    await sandbox.call_in()
    validator = RequestValidator(TOKEN)
    assert len(receiver.requests) == 4
    for request in receiver.requests:
        assert validator.validate(request.url, request.params, request.headers["x-twilio-signature"])
        assert request.headers["x-twilio-signature"] == by_hand(TOKEN, request.url, request.params)
        assert not validator.validate(
            request.url, {**request.params, "To": "+15550000000"}, request.headers["x-twilio-signature"]
        )


async def test_https_is_signed_without_its_port_and_http_with_it(sandbox: Sandbox, receiver: Receiver) -> None:
    """Voice drops the port of https."""
    receiver.twiml("/voice", SAY)
    for url, signed in (
        ("https://hooks.example:8443/voice", "https://hooks.example/voice"),
        ("http://hooks.example:8080/voice", "http://hooks.example:8080/voice"),
    ):
        await sandbox.configure(VoiceUrl=url)
        await sandbox.call_in()
        last = receiver.on("/voice")[-1]
        assert last.headers["x-twilio-signature"] == by_hand(TOKEN, signed, last.params)


async def test_get_signs_the_url_alone(sandbox: Sandbox, receiver: Receiver) -> None:
    """The parameters are in it already."""
    receiver.twiml("/voice", SAY)
    await sandbox.configure(VoiceUrl="https://hooks.example/voice?b=2", VoiceMethod="GET")
    await sandbox.call_in()
    (request,) = receiver.on("/voice")
    assert dict(parse_qsl(urlsplit(request.url).query))["b"] == "2"
    assert request.headers["x-twilio-signature"] == by_hand(TOKEN, request.url, {})


async def test_the_primary_token_signs_also_after_a_rotation(sandbox: Sandbox, receiver: Receiver) -> None:
    """A secondary token does not sign until it is promoted; the old one does not any more then."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", SAY))
    await sandbox.control("POST", "/account", {"secondaryAuthToken": "b" * 32})
    await sandbox.call_in()
    await sandbox.control("POST", "/account", {"authToken": "b" * 32, "secondaryAuthToken": ""})
    await sandbox.control("POST", "/calls", {"to": "+15551234567"})
    await sandbox.until(
        lambda: len(receiver.on("/voice")) == 2, next(iter(sandbox.emulator.switchboard._tasks))
    )
    for request, token in zip(receiver.on("/voice"), (TOKEN, "b" * 32), strict=True):
        assert RequestValidator(token).validate(
            request.url, request.params, request.headers["x-twilio-signature"]
        )


async def test_a_subaccounts_own_token_signs(sandbox: Sandbox, receiver: Receiver) -> None:
    """The account in the payload owns the key."""
    sub = (await sandbox.post("/2010-04-01/Accounts.json")).json()
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", SAY), AccountSid=sub["sid"])
    await sandbox.call_in()
    (request,) = receiver.on("/voice")
    assert request.params["AccountSid"] == sub["sid"]
    assert RequestValidator(sub["auth_token"]).validate(
        request.url, request.params, request.headers["x-twilio-signature"]
    )


@pytest.mark.parametrize("fault", ["wrong-signature", "no-signature"])
async def test_a_wrong_or_missing_signature_on_order(sandbox: Sandbox, receiver: Receiver, fault: str) -> None:
    """For the receiver's own refusal."""

    def refuse(_: Any) -> Any:
        one = receiver.on("/voice")[-1]
        good = RequestValidator(TOKEN).validate(one.url, one.params, one.headers.get("x-twilio-signature", ""))
        return Response(SAY, media_type="text/xml") if good else Response("Forbidden", 403)

    await sandbox.configure(VoiceUrl=receiver.answer("/voice", refuse))
    await sandbox.control("POST", "/faults", {"fault": fault, "kind": "voice", "times": 1})
    refused, accepted = [await sandbox.call_in() for _ in range(2)]
    assert [a["error_code"] for a in await sandbox.alerts()] == ["11200"]
    said = [any(step["text"] == "<Say> Hello" for step in item["steps"]) for item in (refused, accepted)]
    assert said == [False, True]


async def test_parameters_nobody_knows_yet_are_signed_too(sandbox: Sandbox, receiver: Receiver) -> None:
    """New ones appear without notice."""
    await sandbox.configure(VoiceUrl=receiver.twiml("/voice", SAY))
    await sandbox.call_in(parameters={"BrandNew": "ä+&=", "apiVersion": "x"})
    (request,) = receiver.on("/voice")
    assert request.params["BrandNew"] == "ä+&="
    assert request.headers["x-twilio-signature"] == by_hand(TOKEN, request.url, request.params)
