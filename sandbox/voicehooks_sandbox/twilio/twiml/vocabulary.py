"""The verbs and nouns of TwiML for voice, with the attributes and children that each may have.

Source: Twilio docs, "TwiML for Programmable Voice". Names are case-sensitive.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Element:
    """What Twilio knows of one element.

    Attributes:
        attributes: names it may have.
        children: names of elements it may hold.
        emulated: whether the sandbox acts on it.
        ignored: attributes of an emulated element that it does not act on.
    """

    attributes: frozenset[str]
    children: frozenset[str] = frozenset()
    emulated: bool = True
    ignored: frozenset[str] = frozenset()


def _element(attributes: str, children: str = "", *, emulated: bool = True, ignored: str = "") -> Element:
    names = frozenset(ignored.split())
    return Element(frozenset(attributes.split()) | names, frozenset(children.split()), emulated, names)


_STATUS = "statusCallback statusCallbackEvent statusCallbackMethod"
_AMD = (
    "machineDetection machineDetectionTimeout "
    "machineDetectionSpeechThreshold machineDetectionSpeechEndThreshold "
    "machineDetectionSilenceTimeout amdStatusCallback amdStatusCallbackMethod"
)
_RECORDING = "recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent"
_RECORDING_IGNORED = "trim recordingConfigurationId"
_SPOKEN = "break emphasis lang p phoneme prosody s say-as sub w"

ELEMENTS: dict[str, Element] = {
    "Response": _element(
        "",
        "Connect Dial Echo Enqueue Gather Hangup Leave Pause "
        "Pay Play Prompt Queue Record Redirect Refer Reject "
        "Say Siprec Sms Start Stop Stream VirtualAgent",
    ),
    "Say": _element("voice language loop", _SPOKEN),
    "Play": _element("loop", ignored="digits"),
    "Pause": _element("length"),
    "Gather": _element(
        "action actionOnEmptyResult bargeIn finishOnKey hints input language method numDigits "
        "profanityFilter speechTimeout timeout",
        "Say Pause Play",
        ignored="debug dtmfDetection enhanced maxSpeechTime minConfidence partialResultCallback "
        "partialResultCallbackMethod speechModel",
    ),
    "Hangup": _element("", "Parameter"),
    "Reject": _element("reason", "Parameter"),
    "Redirect": _element("method"),
    "Record": _element(
        f"action method maxLength recordingTrack {_RECORDING}",
        ignored=f"timeout finishOnKey playBeep transcribe transcribeCallback {_RECORDING_IGNORED}",
    ),
    "Dial": _element(
        "action method answerOnBridge callerId record recordingTrack sequential timeLimit timeout "
        f"{_RECORDING}",
        "Application Client Conference Number Queue Sim Sip SipTrunk WhatsApp",
        ignored=f"callReason events hangupOnStar referMethod referUrl ringTone {_RECORDING_IGNORED}",
    ),
    "Number": _element(f"url method {_STATUS}", ignored=f"sendDigits byoc {_AMD}"),
    "Client": _element(f"url method {_STATUS}", "Identity Parameter", ignored="clientNotificationUrl"),
    "Sip": _element(f"url method {_STATUS}", ignored=f"username password {_AMD}"),
    "Start": _element("action method", "Recording Siprec Stream Transcription Conversation"),
    "Recording": _element(f"channels track name {_RECORDING}", ignored=_RECORDING_IGNORED),
    "Identity": _element(""),
    "Parameter": _element("name value"),
    "Conference": _element(
        f"coach endConferenceOnExit maxParticipants muted participantLabel startConferenceOnEnter {_STATUS}",
        ignored=f"beep eventCallbackUrl jitterBufferSize record {_RECORDING} {_RECORDING_IGNORED} region "
        "waitMethod waitUrl",
    ),
    "Enqueue": _element("action method waitUrl waitUrlMethod", "Task", ignored="maxQueueSize workflowSid"),
    "Leave": _element(""),
    "Queue": _element("method url", ignored="postWorkActivitySid reservationSid"),
    "Application": _element(f"url method customerId copyParentTo {_STATUS}", "ApplicationSid Parameter"),
    "ApplicationSid": _element(""),
    # Known to Twilio, not acted on here.
    "Connect": _element(
        "action method",
        "Autopilot Conversation ConversationRelay Room Stream VirtualAgent AiSession Assistant",
        emulated=False,
    ),
    "Echo": _element("", emulated=False),
    "Pay": _element(
        "action bankAccountType chargeAmount currency description "
        "input language maxAttempts minPostalCodeLength "
        "parameter paymentConnector paymentMethod postalCode "
        "requireMatchingInputs securityCode statusCallback "
        "statusCallbackMethod timeout tokenType validCardTypes",
        "Prompt Parameter",
        emulated=False,
    ),
    "Prompt": _element(
        "attempt cardType errorType for requireMatchingInputs", "Say Pause Play", emulated=False
    ),
    "Refer": _element("action method", "Sip ReferSip", emulated=False),
    "Sim": _element("", emulated=False),
    "SipTrunk": _element("", emulated=False),
    "Siprec": _element(
        "name connectorName track statusCallback statusCallbackMethod", "Parameter", emulated=False
    ),
    "Sms": _element("action from method statusCallback to", emulated=False),
    "Stop": _element("", "Siprec Stream Transcription", emulated=False),
    "Stream": _element(
        "connectorName name statusCallback statusCallbackMethod track url", "Parameter", emulated=False
    ),
    "Transcription": _element(
        "enableAutomaticPunctuation hints inboundTrackLabel intelligenceService "
        "languageCode name outboundTrackLabel "
        "partialResults profanityFilter speechModel "
        "statusCallbackMethod statusCallbackUrl track transcriptionEngine",
        emulated=False,
    ),
    "VirtualAgent": _element(
        "connectorName language sentimentAnalysis statusCallback statusCallbackMethod", emulated=False
    ),
    "WhatsApp": _element(f"url method {_STATUS}", emulated=False),
}
