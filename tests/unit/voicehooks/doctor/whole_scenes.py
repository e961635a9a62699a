"""Scenes for all checks together: which ones are not run, and because of which others."""

from __future__ import annotations

from tests.unit.voicehooks.doctor.account_scenes import SINK, STREAMS, events_function, sinks, summaries
from tests.unit.voicehooks.doctor.call_scenes import alert, alerts
from tests.unit.voicehooks.doctor.project_scenes import account
from tests.unit.voicehooks.doctor.scene import (
    REFUSED,
    config,
    function,
    keys,
    refuses,
    scene,
)
from tests.unit.voicehooks.doctor.world import (
    BASE,
    HANDLER,
    NUMBER,
    PROJECT,
)

# All checks: which ones are not run, and because of which others

scene("all: healthy")(lambda w: None)
scene("all: Twilio's credentials are refused")(
    lambda w: w.answers.update({f"GET {BASE}/Applications.json": REFUSED})
)
scene("all: the account is suspended")(lambda w: account(w, status="suspended"))
scene("all: Supabase's token is refused")(lambda w: refuses(w, "/functions", 401))
scene("all: the project is paused")(lambda w: w.answers[f"GET {PROJECT}"].update({"status": "INACTIVE"}))
scene("all: a setting is wrong")(lambda w: config(w, functionName="-"))
scene("all: never deployed")(lambda w: setattr(w, "resources", []))
scene("all: no key for the database")(lambda w: keys(w, "secret other"))
scene("all: no table")(lambda w: w.applied.clear())
scene("all: no function")(lambda w: w.answers.update({f"GET {PROJECT}/functions": []}))
scene("all: no secret")(lambda w: w.answers.update({f"GET {PROJECT}/secrets": []}))
scene("all: locked")(lambda w: w.pending.append({"type": "creating", "resource": {"urn": "urn:a::b"}}))
scene("all: no token")(lambda w: [w.config.pop("twilio:authToken"), w.config.pop("supabase:accessToken")])
scene("all: with Event Streams")(
    lambda w: [
        config(w, **STREAMS),
        sinks(w, SINK, sink_of_subscription="DG1"),
        events_function(w),
        summaries(w),
    ]
)
scene("all: with a star")(lambda w: config(w, numbers={"*": {}, NUMBER: {}}))
scene("all: the gateway wants a token")(lambda w: function(w, "", verify_jwt=True))
scene("all: alerts from before the handler worked")(lambda w: alerts(w, alert(HANDLER, 10), answers_now=True))
