"""The call simulator: walks a call through its scenario and through the TwiML it is given."""
