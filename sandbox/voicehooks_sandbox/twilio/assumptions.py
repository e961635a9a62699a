"""What no document of Twilio says, and how the sandbox decided it. Each is worth a look on a real account."""

from __future__ import annotations

ASSUMPTIONS = (
    "The URL after a redirect is signed as it is requested.",
    "A suspended account answers 20005.",
    "Losers of simultaneous ringing end as `canceled`.",
    "Legs that ring out end with SIP code 487.",
    "An `actionOnEmptyResult` request has an empty `Digits` or `SpeechResult`.",
    "A file that cannot be played is an alert and the next verb follows.",
    "The message of an application error takes 4 s.",
    "A call that is over answers 20404 to any `Status`.",
    "A softphone's call has an empty `To` unless it passes one.",
    "Asynchronous machine detection of a call that ends before says `unknown`.",
    "The last events of a conference are: the leave of who ends it, the end, the leaves of the others.",
    "A participant whose `timeLimit` ends, or who presses the star, has left as `participant_hung_up`.",
    "A conference's `Reason` is `ReasonConferenceEnded` in words.",
    "A conference takes `statusCallback` and `record` from the first participant who sets them.",
    "A conference's recording names a call of it in `call_sid`.",
    "`waitUrl` begins again after an announcement, and `HoldUrl` when the conference starts.",
    "A conference's `waitUrl` is requested without parameters of the conference.",
    "An announcement that cannot be fetched is an alert without an event.",
    "The `action` of a member that the API takes out of a queue is requested first, and changes nothing.",
    "The `waitUrl` of a queue is requested again when its document ends.",
    "A dial into a queue that does not exist has the `DialCallStatus` `failed`.",
    "A queue name that is taken or not valid is refused with 20001.",
    "A dialed party's machine detection does not delay the conversation.",
    "A transcription is ready as long after its recording as that is after the call.",
    "A list refuses a `Status` that no resource has with 20001.",
    "A TwiML App that cannot be dialed is the alert 13224.",
    "A page other than the first without its token is refused by every list.",
    "A filter takes the time of day of `StartTime<` and `StartTime>`, and ignores it in `StartTime`.",
)
