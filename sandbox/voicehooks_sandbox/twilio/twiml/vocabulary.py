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
        ignored: attributes of an emulated element that the sandbox does not act on.
        skipped_because: why the sandbox does not act on it, a clause; empty for an emulated element.
    """

    attributes: frozenset[str]
    children: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()
    skipped_because: str = ""

    @property
    def emulated(self) -> bool:
        """Whether the sandbox acts on it."""
        return not self.skipped_because


def _element(attributes: str, children: str = "", *, ignored: str = "", skipped: str = "") -> Element:
    names = frozenset(ignored.split())
    return Element(frozenset(attributes.split()) | names, frozenset(children.split()), names, skipped)


_STATUS = "statusCallback statusCallbackEvent statusCallbackMethod"
_AMD = "machineDetection machineDetectionTimeout amdStatusCallback amdStatusCallbackMethod"
_AMD_IGNORED = (
    "machineDetectionSpeechThreshold machineDetectionSpeechEndThreshold machineDetectionSilenceTimeout"
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
        f"action finishOnKey method maxLength recordingTrack transcribe transcribeCallback {_RECORDING}",
        ignored=f"timeout playBeep {_RECORDING_IGNORED}",
    ),
    "Dial": _element(
        "action method answerOnBridge callerId hangupOnStar record recordingTrack sequential timeLimit timeout "
        f"{_RECORDING}",
        "Application Client Conference Number Queue Sim Sip SipTrunk WhatsApp",
        ignored=f"callReason events referMethod referUrl ringTone {_RECORDING_IGNORED}",
    ),
    "Number": _element(f"url method {_STATUS} {_AMD}", ignored=f"sendDigits byoc {_AMD_IGNORED}"),
    "Client": _element(f"url method {_STATUS}", "Identity Parameter", ignored="clientNotificationUrl"),
    "Sip": _element(f"url method {_STATUS} {_AMD}", ignored=f"username password {_AMD_IGNORED}"),
    "Start": _element("action method", "Recording Siprec Stream Transcription Conversation"),
    "Recording": _element(f"channels track name {_RECORDING}", ignored=_RECORDING_IGNORED),
    "Connect": _element(
        "action method",
        "Autopilot Conversation ConversationRelay Room Stream VirtualAgent AiSession Assistant",
    ),
    "Stop": _element("", "Siprec Stream Transcription"),
    "Stream": _element(
        "name statusCallback statusCallbackMethod track url", "Parameter", ignored="connectorName"
    ),
    "Identity": _element(""),
    "Parameter": _element("name value"),
    "Conference": _element(
        "coach endConferenceOnExit maxParticipants muted participantLabel record startConferenceOnEnter "
        f"waitMethod waitUrl {_RECORDING} {_STATUS}",
        ignored=f"beep eventCallbackUrl jitterBufferSize {_RECORDING_IGNORED} region",
    ),
    "Enqueue": _element("action method waitUrl waitUrlMethod workflowSid", "Task", ignored="maxQueueSize"),
    "Leave": _element(""),
    "Queue": _element("method url", ignored="postWorkActivitySid reservationSid"),
    "Application": _element(f"url method customerId copyParentTo {_STATUS}", "ApplicationSid Parameter"),
    "ApplicationSid": _element(""),
    # Known to Twilio, not acted on here.
    "Echo": _element("", skipped="no document says how it ends"),
    "Pay": _element(
        "action bankAccountType chargeAmount currency description "
        "input language maxAttempts minPostalCodeLength "
        "parameter paymentConnector paymentMethod postalCode "
        "requireMatchingInputs securityCode statusCallback "
        "statusCallbackMethod timeout tokenType validCardTypes",
        "Prompt Parameter",
        skipped="a sandbox must not take payments",
    ),
    "Prompt": _element(
        "attempt cardType errorType for requireMatchingInputs",
        "Say Pause Play",
        skipped="it belongs to the verb Pay",
    ),
    "Refer": _element("action method", "Sip ReferSip", skipped="it needs a SIP carrier"),
    "Sim": _element("", skipped="it needs a mobile network"),
    "SipTrunk": _element("", skipped="it needs a SIP carrier"),
    "Siprec": _element(
        "name connectorName track statusCallback statusCallbackMethod",
        "Parameter",
        skipped="a call has no audio that a recorder could receive",
    ),
    "Sms": _element("action from method statusCallback to", skipped="messaging is not emulated"),
    "Transcription": _element(
        "enableAutomaticPunctuation hints inboundTrackLabel intelligenceService "
        "languageCode name outboundTrackLabel "
        "partialResults profanityFilter speechModel "
        "statusCallbackMethod statusCallbackUrl track transcriptionEngine",
        skipped="nothing is said in a call",
    ),
    "VirtualAgent": _element(
        "connectorName language sentimentAnalysis statusCallback statusCallbackMethod",
        skipped="Dialogflow is not emulated",
    ),
    "WhatsApp": _element(f"url method {_STATUS}", skipped="WhatsApp is not emulated"),
}

# Child elements of which this module knows only the name; those in lower case are parts of a spoken text.
OTHERS = {
    child: "the service behind it is not emulated"
    for element in ELEMENTS.values()
    for child in element.children
    if child[0].isupper() and child not in ELEMENTS
}
