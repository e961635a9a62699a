"""Scenes of the stack on this machine, the credentials, the account and the Supabase project."""

from __future__ import annotations

from typing import Any

import httpx

from tests.unit.voicehooks.doctor.scene import (
    FORBIDDEN,
    KEY,
    OTHER,
    REFUSED,
    config,
    function,
    keys,
    refuses,
    scene,
    state,
)
from tests.unit.voicehooks.doctor.world import (
    BASE,
    HOST,
    PROJECT,
    TOKEN,
    World,
    resource,
)
from tests.unit.voicehooks.vendor_stub import ACCOUNT

# This machine

scene("settings: fine")(lambda w: None)
scene("settings: a key is wrong")(lambda w: config(w, functionName="-"))
scene("deployed: fine")(lambda w: None)
scene("deployed: never")(lambda w: setattr(w, "resources", []))
scene("lock: not shown")(lambda w: None)
scene("lock: none")(lambda w: setattr(w, "backend", f"file://{w.folder}"))
scene("lock: cannot be seen")(lambda w: setattr(w, "backend", "ftp://backend"))


@scene("lock: pending operations")
def _(w: World) -> None:
    w.pending = [{"type": "creating", "resource": {"urn": "urn:pulumi:dev::voicehooks::t::twilio-webhook"}}]


# Credentials and the account

scene("twilio-credentials: auth token")(lambda w: None)
scene("twilio-credentials: auth token refused")(
    lambda w: w.answers.update({f"GET {BASE}/Applications.json": REFUSED})
)
scene("twilio-credentials: API key")(lambda w: w.config.update(KEY))


@scene("twilio-credentials: API key refused")
def _(w: World) -> None:
    w.config.update(KEY)
    w.answers[f"GET {BASE}/IncomingPhoneNumbers.json"] = REFUSED


@scene("twilio-credentials: API key without permissions")
def _(w: World) -> None:
    w.config.update(KEY)
    w.answers |= {f"GET {BASE}/Calls.json": FORBIDDEN, f"GET {BASE}/Recordings.json": FORBIDDEN}


scene("twilio-credentials: account suspended")(
    lambda w: w.answers.update(
        {f"GET {BASE}/IncomingPhoneNumbers.json": (403, {"code": 20005, "message": "not active"})}
    )
)
scene("twilio-credentials: no auth token")(lambda w: w.config.pop("twilio:authToken"))


def account(w: World, **fields: str) -> None:
    """Change the account."""
    w.answers[f"GET {BASE}.json"] = w.answers[f"GET {BASE}.json"] | fields


scene("account: active")(lambda w: None)
scene("account: suspended")(lambda w: account(w, status="suspended"))
scene("account: trial")(lambda w: account(w, type="Trial"))
scene("signing-token: primary")(lambda w: None)
scene("signing-token: not shown")(lambda w: account(w, auth_token=""))
scene("signing-token: secondary")(lambda w: account(w, auth_token=OTHER))
scene("signing-token: refused")(lambda w: w.answers.update({f"GET {BASE}.json": REFUSED}))


@scene("signing-token: half rotated")
def _(w: World) -> None:
    account(w, auth_token=OTHER)
    config(w, secondaryAuthToken=OTHER)


@scene("signing-token: read with the auth token, not with the API key")
def _(w: World) -> None:
    w.config.update(KEY)
    w.answers[f"GET {BASE}.json"] = lambda request: (
        {"sid": ACCOUNT, "status": "active", "auth_token": TOKEN}
        if request.headers["Authorization"] == httpx.BasicAuth(ACCOUNT, TOKEN)._auth_header
        else FORBIDDEN
    )


def balance(w: World, amount: str, **fields: str) -> None:
    """Change the account's balance."""
    w.answers[f"GET {BASE}/Balance.json"] = {"balance": amount, **fields}


scene("balance: enough")(lambda w: balance(w, "5.01", currency="USD"))
scene("balance: low")(lambda w: balance(w, "5", currency="USD"))
scene("balance: empty, without a currency")(lambda w: balance(w, "0"))
scene("balance: a subaccount has none")(lambda w: w.answers.pop(f"GET {BASE}/Balance.json"))
scene("balance: not allowed")(lambda w: w.answers.update({f"GET {BASE}/Balance.json": FORBIDDEN}))

# The Supabase project


scene("supabase-token: valid")(lambda w: None)
scene("supabase-token: refused")(lambda w: refuses(w, "/functions", 401))
scene("supabase-token: another project")(lambda w: refuses(w, "/functions", 404))
scene("supabase-token: without permissions")(
    lambda w: [refuses(w, "/secrets", 403), refuses(w, "/api-keys", 403)]
)
scene("supabase-token: another refusal")(lambda w: refuses(w, "/functions", 400))
scene("supabase-token: no token")(lambda w: w.config.pop("supabase:accessToken"))
scene("project: active")(lambda w: None)


@scene("project: paused")
def _(w: World) -> None:
    w.answers[f"GET {PROJECT}"] = w.answers[f"GET {PROJECT}"] | {"status": "PAUSE_FAILED"}


scene("api-keys: a secret key")(lambda w: None)
scene("api-keys: none")(lambda w: keys(w, "secret other", "publishable default"))
scene("api-keys: legacy")(lambda w: keys(w, "legacy service_role"))
scene("api-keys: legacy, not known whether enabled")(
    lambda w: keys(w, "legacy service_role", legacy=(404, {"message": "gone"}))
)
scene("api-keys: legacy, disabled")(lambda w: keys(w, "legacy service_role", legacy={"enabled": False}))


scene("function: active")(lambda w: None)
scene("function: not deployed")(lambda w: function(w, "place-call"))
scene("function: inactive")(lambda w: function(w, "", status="THROTTLED"))
scene("verify-jwt: as deployed")(lambda w: None)
scene("verify-jwt: on and off")(
    lambda w: w.answers.update(
        {
            f"GET {PROJECT}/functions": [
                found | {"verify_jwt": not found["verify_jwt"]}
                for found in w.answers[f"GET {PROJECT}/functions"]
            ]
        }
    )
)
scene("verify-jwt: a function that is not there")(lambda w: function(w, "place-call"))
scene("revision: as deployed")(lambda w: None)
scene("revision: another")(lambda w: function(w, "", ezbr_sha256="cd" * 32, version=4))
scene("revision: a function that is not there")(lambda w: function(w, "place-call"))


@scene("revision: a deploy without its digest")
def _(w: World) -> None:
    state(w, without="supabase:index:EdgeFunction")
    state(w, resource("supabase:index:EdgeFunction", "twilio-webhook", slug="twilio-webhook"))


scene("secrets: as deployed")(lambda w: None)
scene("secrets: none")(lambda w: state(w, without="supabase:index:EdgeFunctionSecrets"))
scene("secrets: missing")(lambda w: w.answers.update({f"GET {PROJECT}/secrets": []}))


scene("secrets: the second one is missing")(
    lambda w: w.answers.update({f"GET {PROJECT}/secrets": w.answers[f"GET {PROJECT}/secrets"][:1]})
)


@scene("secrets: others")
def _(w: World) -> None:
    w.answers[f"GET {PROJECT}/secrets"] = [
        found | {"value": found["value"][::-1]} for found in w.answers[f"GET {PROJECT}/secrets"]
    ]


@scene("secrets: the auth token was rotated since the update")
def _(w: World) -> None:
    state(w, without="supabase:index:EdgeFunctionSecrets")
    state(
        w,
        resource(
            "supabase:index:EdgeFunctionSecrets",
            "secrets",
            values={"VOICEHOOKS_AUTH_TOKEN": "the previous one"},
        ),
    )


scene("schema: as deployed")(lambda w: None)
scene("schema: one migration is missing")(lambda w: w.applied.pop())
scene("schema: no migration was ever applied")(lambda w: w.applied.clear())
scene("schema: a table is missing")(lambda w: setattr(w, "tables_there", False))
scene("schema: ahead")(lambda w: w.applied.append("20270101000000"))
scene("schema: no database")(
    lambda w: w.answers.update({f"POST {PROJECT}/database/query": (400, {"message": "connection refused"})})
)
scene("schema: no REST API")(
    lambda w: w.answers.update({f"GET {PROJECT}/health": [{"name": "rest", "healthy": False}]})
)

# The public URL

POST = f"POST {HOST}/functions/v1/twilio-webhook"


def answers(w: World, signed: Any, others: Any = 403) -> None:
    """Let the public URL answer signed requests and all others so: a status, and perhaps a text."""

    def answer(request: httpx.Request) -> httpx.Response:
        status = signed if w.handler(request).status_code == 200 else others
        status, text = status if isinstance(status, tuple) else (status, "")
        return httpx.Response(status, text=text)

    w.answers[POST] = answer


scene("probe: fine")(lambda w: None)
scene("probe: no database")(lambda w: answers(w, (503, "no database")))
scene("probe: the gateway wants a token")(lambda w: answers(w, 401, 401))
scene("probe: signature refused")(lambda w: answers(w, 403))
scene("probe: no function")(lambda w: answers(w, 404, 404))
scene("probe: another status")(lambda w: answers(w, 418))
scene("probe: somebody else answers")(lambda w: answers(w, (200, "<html>")))
scene("probe: not reached")(lambda w: w.answers.update({POST: httpx.ConnectError("refused")}))


@scene("probe: everything is accepted")
def _(w: World) -> None:
    w.answers[POST] = lambda request: httpx.Response(200, text=str(request.content))
