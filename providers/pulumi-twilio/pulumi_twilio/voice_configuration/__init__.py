"""The resource VoiceConfiguration: a phone number's voice panel."""

from .resource import VoiceConfiguration

__all__ = ["VoiceConfiguration"]
