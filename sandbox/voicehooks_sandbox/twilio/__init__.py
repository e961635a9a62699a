"""An emulation of Twilio's voice API: REST, call simulator, signed webhooks. One ASGI application.

All products are served on one base URL, distinguished by path: ``/2010-04-01/...`` (numbers, applications,
calls, recordings, accounts), ``/v1/AuthTokens``, ``/v1/DialingPermissions``, ``/v1/Settings``,
``/v1/Voice/Settings``, ``/v1/Alerts``, ``/v2/AccountDefaultConfiguration/Recording``, ``/v2/PhoneNumbers``
(Regions), ``/v1/Webhooks`` (rules, settings, shared keys), ``/v1/Sinks``, ``/v1/Subscriptions``,
``/v1/Trunks``, ``/v2/Flows`` (Studio). What is not emulated answers 501 and names itself. Where to look:

=================  ==========================================================================================
``api``            the door: credentials, concurrency limit, ordered faults, headers, the request journal
``<product>``      ``models`` (state and rules), ``routes`` (decode, call, encode), ``errors`` (codes, texts)
``webhooks``       signature, connection overrides, attempts, what an answer is worth
``twiml``          the vocabulary and reading of documents
``simulation``     scenarios, legs, verbs, dialing, recordings; ``switchboard`` knows all calls
``clock``          real or fast time; each call walks a timeline of its own
``store``          one SQLite file in the state folder
``control``        ``/_sandbox``, below
=================  ==========================================================================================

Control plane
=============
JSON in, JSON out, no credentials; a refusal is ``{"message": "one sentence"}`` with 400 or 404.

``GET /_sandbox/health``
    ``{"ok": true, "account_sid", "calls_under_way"}``.

``POST /_sandbox/calls``
    Somebody calls a number. ``{"from": "+15557654321", "to": "+15551234567", ...scenario}``; further
    ``forwardedFrom``, ``callerName``. A softphone calls its TwiML App:
    ``{"from": "client:alice", "to": "AP..."}``, with the parameters that it passes in ``parameters``. A SIP
    phone calls through its domain: ``{"to": "sip:+15557654321@crm.sip.twilio.com"}``, further ``username`` (of
    the domain's credential lists; by default the first), ``sourceIp`` and ``sipHeaders``; 400 if the domain
    refuses it. Of a number that belongs to a trunk, the trunk's origination URLs are rung: ``legs`` says by URL
    which of them is ``failed``, so that the disaster recovery URL is requested if all are. Answers at once:
    ``{"sid", "status": "ringing"}``. All keys of a scenario are optional, all times are seconds, null means
    "until a command comes":

    ========================  ===========  ==================================================================
    ``scenario``              answered     what dialed parties do: answered, busy, no-answer (rings until the
                                           dial's timeout), failed, canceled (the caller hangs up first)
    ``setupSeconds``          0.5          from dialing to the first ring
    ``ringSeconds``           2            of ringing until the outcome; 0: never rings
    ``talkSeconds``           5            of conversation
    ``hangUpBy``              callee       who ends the conversation: callee or caller
    ``callerHangsUpAfter``    null         since the call came in, wherever it is by then
    ``recordingReadySeconds`` 2            from the end of a recording until its file and callback
    ``recording``             ok           ok or absent
    ``recordSeconds``         5            how long the caller speaks into a ``<Record>``
    ``recordEndsBy``          silence      silence, hangup, or the key that is pressed
    ``transcription``         (empty)      what ``<Record transcribe>`` understands; empty: it fails
    ``gather``                null         what the party does at each ``<Gather>`` in turn, a list of
                                           ``{"digits": "12#"}``, ``{"speech": "sales"}`` (with ``confidence``,
                                           0.9) and ``{"timeout": true}``; a leg without a list of its own takes
                                           its turns from the call's
    ``detectionSeconds``      1.5          from the answer until machine detection has its result
    ``answeredBy``            human        what machine detection says
    ``parameters``            {}           further parameters of requests about the incoming leg
    ``legs``                  {}           scripts by destination: ``{"+1555...": {"scenario": "busy"}}``
    ========================  ===========  ==================================================================

``GET /_sandbox/calls/{sid}?wait=SECONDS&after=STEP``
    ``{"sid", "status", "finished", "call", "legs", "recordings", "steps"}``. ``call``, ``legs`` and
    ``recordings`` are as the REST API shows them. ``finished``: ended, all callbacks sent. A step is
    ``{"id", "moment", "offset", "call_sid", "kind", "text"}``; ``offset`` is seconds since the call began,
    ``kind`` one of note, status, twiml, webhook, recording, not-emulated, end.

``POST /_sandbox/calls/{sid}/answer``, ``/decline``, ``/hang-up``
    What the party on a leg does: one that rings is answered or declined (busy), and who is on it hangs up; on
    an incoming call's own leg that is the caller. ``{"sid", "status"}``; 400 if it cannot do that now.

``POST /_sandbox/calls/{sid}/digits``
    Presses keys on a leg, or says something: ``{"digits": "1"}`` or ``{"speech": "sales"}``. 400 if nothing
    listens to that leg now: no ``<Gather>``, no ``<Record finishOnKey>`` and no ``hangupOnStar``.
    ``{"sid", "status"}``.

``GET /_sandbox/event-requests?after=N&wait=SECONDS``
    ``{"event_requests", "under_way"}``: the requests to the sinks of Event Streams, each with ``event_ids``,
    ``types``, ``attempt``, ``status``, ``body``. ``wait``: until none is under way.

``GET``/``PUT /_sandbox/media-hosts``
    The hosts besides loopback from which ``<Play>`` fetches its files: ``{"hosts": ["cdn.example.com"]}``.

``GET``/``PUT /_sandbox/scenarios``
    Scripts by destination for calls that bring none along, also those ordered through the REST API:
    ``{"+15557654321": {"scenario": "busy"}, "*": {"talkSeconds": 30}}``.

``POST /_sandbox/numbers``
    ``{"count": 1000}`` invents numbers, ``{"phone_numbers": ["+1555..."]}`` names them, with
    ``capabilities`` (``{"voice": false}``) where they differ; ``account_sid`` is optional. Answers
    ``{"stocked", "numbers"}`` (the numbers only up to 1,000 of them).

``GET``/``POST``/``DELETE /_sandbox/faults``
    A fault or a list: ``{"fault", "times", ...matchers}``; without ``times`` it holds until ``DELETE``.
    Of webhooks: ``drop``, ``duplicate``, ``delay`` (``seconds``, real), ``reorder``, ``wrong-signature``,
    ``no-signature``; matchers ``kind`` (voice, action, status, recording, event), ``url`` (a part),
    ``callStatus``, ``recordingStatus``. Of the REST API: ``rest-error`` (``status``, ``code``, ``message``),
    ``rest-delay`` (``seconds``), ``too-many-requests``; matchers ``method``, ``path`` (a part).
    ``{"faults": [...]}``.

``GET``/``POST /_sandbox/account``
    ``status`` (active, suspended, closed), ``type`` (Full, Trial), ``authToken``, ``secondaryAuthToken``,
    ``balance``, ``verifiedNumbers``, ``concurrencyLimit`` (null: none), ``requestSeconds`` (how long a
    request takes under a limit) and ``callsPerSecond`` (1; null: calls of the API are not queued);
    ``account_sid`` for a subaccount.

``POST /_sandbox/api-keys``
    ``{"type": "main" | "standard" | "restricted", "permissions": ["/twilio/voice/calls/create", ...]}``;
    answers the key with its ``secret``.

``POST /_sandbox/event-sinks/{sid}``
    ``{"status": "failed"}``: initialized, validating, active or failed. Events are not delivered.

``GET``/``POST /_sandbox/clock``
    ``{"factor": 60}`` or ``{"factor": "max"}``, also for calls under way; ``{"advanceSeconds": 86400}`` makes
    what is there older. ``{"factor", "now"}``.

``GET``/``DELETE /_sandbox/webhook-requests?call_sid=CA...&after=ID``
    Every webhook request, one entry an attempt (and a redirect): ``id``, ``time`` (real, seconds since 1970),
    ``moment`` (of the event), ``kind``, ``call_sid``, ``root_call_sid``, ``method``, ``url``, ``params``,
    ``headers``, ``attempt``, ``status``, ``response_headers``, ``body``, ``duration_ms``, ``error_code``,
    ``error``. ``call_sid`` is a first leg's. ``DELETE`` empties both journals.

``POST /_sandbox/webhook-requests/{id}/resend``
    ``{"params": {"From": "+1...", "CallerCity": null}, "signature": "valid" | "wrong" | "none"}``: sends it
    again, with these parameters added to its own or left out. ``{"webhook_request": {...}}``.

``GET /_sandbox/events?call_sid=CA...&after=ID``
    Server-sent events: the entries of the journals as they are written, each with its ``id``; ``event`` is
    ``step``, ``webhook-request`` or ``api-request``. ``Last-Event-ID`` works as ``after``.

``GET``/``POST /_sandbox/snapshots``
    ``{"save": "name"}`` or ``{"load": "name"}``: this state and the rows of the project's database, in one
    file. 400 while calls are under way, and if the database has other tables.

``GET /_sandbox/openapi.json``
    These operations as an OpenAPI document.

``GET``/``DELETE /_sandbox/api-requests?after=ID``, ``?count=1``
    Every REST request: ``id``, ``time``, ``method``, ``path``, ``template``, ``query``, ``params``,
    ``status``, ``seconds``, ``request_id``. With ``count`` only ``{"counts": {"GET /2010-04-01/...": 3}}``.

``POST /_sandbox/reset``
    Back to the account as it was started; calls under way stop. With ``{"only": "calls"}`` only calls,
    recordings, alerts and journals go; numbers, applications, keys and settings stay.

What no document says is decided in `assumptions`.
"""

from .app import create_app

__all__ = ["create_app"]
