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
    """

    attributes: frozenset[str]
    children: frozenset[str] = frozenset()
    emulated: bool = True


def _element(attributes: str, children: str = "", *, emulated: bool = True) -> Element:
    return Element(frozenset(attributes.split()), frozenset(children.split()), emulated)


_STATUS = "statusCallback statusCallbackEvent statusCallbackMethod"
_AMD = (
    "machineDetection machineDetectionTimeout "
    "machineDetectionSpeechThreshold machineDetectionSpeechEndThreshold "
    "machineDetectionSilenceTimeout amdStatusCallback amdStatusCallbackMethod"
)
_RECORDING = "recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent trim"
_SPOKEN = "break emphasis lang p phoneme prosody s say-as sub w"

ELEMENTS: dict[str, Element] = {
    "Response": _element(
        "",
        "Connect Dial Echo Enqueue Gather Hangup Leave Pause "
        "Pay Play Prompt Queue Record Redirect Refer Reject "
        "Say Siprec Sms Start Stop Stream VirtualAgent",
    ),
    "Say": _element("voice language loop", _SPOKEN),
    "Play": _element("loop digits"),
    "Pause": _element("length"),
    "Gather": _element(
        "action actionOnEmptyResult bargeIn debug dtmfDetection enhanced "
        "finishOnKey hints input language maxSpeechTime "
        "method minConfidence numDigits partialResultCallback "
        "partialResultCallbackMethod profanityFilter speechModel "
        "speechTimeout timeout",
        "Say Pause Play",
    ),
    "Hangup": _element("", "Parameter"),
    "Reject": _element("reason", "Parameter"),
    "Redirect": _element("method"),
    "Record": _element(
        "action method timeout finishOnKey maxLength playBeep transcribe transcribeCallback "
        f"recordingConfigurationId recordingTrack {_RECORDING}"
    ),
    "Dial": _element(
        "action method answerOnBridge callerId callReason "
        "hangupOnStar record recordingTrack referUrl referMethod "
        f"ringTone sequential timeLimit timeout events recordingConfigurationId {_RECORDING}",
        "Application Client Conference Number Queue Sim Sip SipTrunk WhatsApp",
    ),
    "Number": _element(f"url method sendDigits byoc {_STATUS} {_AMD}"),
    "Client": _element(f"url method clientNotificationUrl {_STATUS}", "Identity Parameter"),
    "Sip": _element(f"url method username password {_STATUS} {_AMD}"),
    "Start": _element("action method", "Recording Siprec Stream Transcription Conversation"),
    "Recording": _element(f"channels track name recordingConfigurationId {_RECORDING}"),
    "Identity": _element(""),
    "Parameter": _element("name value"),
    # Known to Twilio, not acted on here.
    "Application": _element(
        f"url method customerId copyParentTo {_STATUS}", "ApplicationSid Parameter", emulated=False
    ),
    "Conference": _element(
        "beep coach endConferenceOnExit eventCallbackUrl "
        "jitterBufferSize maxParticipants muted participantLabel "
        "record recordingConfigurationId recordingStatusCallback recordingStatusCallbackEvent "
        f"recordingStatusCallbackMethod region startConferenceOnEnter trim waitMethod waitUrl {_STATUS}",
        emulated=False,
    ),
    "Connect": _element(
        "action method",
        "Autopilot Conversation ConversationRelay Room Stream VirtualAgent AiSession Assistant",
        emulated=False,
    ),
    "Echo": _element("", emulated=False),
    "Enqueue": _element("action maxQueueSize method waitUrl waitUrlMethod workflowSid", "Task", emulated=False),
    "Leave": _element("", emulated=False),
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
    "Queue": _element("method postWorkActivitySid reservationSid url", emulated=False),
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
