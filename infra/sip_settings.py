"""`voicehooks:sipDomains` and `voicehooks:trunks`: SIP phones and PBXs that call, and where trunks lead."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

from pulumi_twilio.destinations import E164, is_destination, is_e164
from pydantic import Field, field_validator

from .number_settings import RecordMode, check_url
from .settings_model import ActsOn, SettingsModel

__all__ = ["Origin", "SipDomainSettings", "TrunkSettings"]

_CREDENTIAL_LIST = Annotated[str, Field(pattern=r"^CL[0-9a-f]{32}$")]
_ADDRESS_LIST = Annotated[str, Field(pattern=r"^AL[0-9a-f]{32}$")]


class SipDomainSettings(SettingsModel):
    """A SIP domain, whose calls the handler answers. Twilio refuses every call that no list allows."""

    friendly_name: Annotated[str, Field(max_length=64)] | None = Field(
        None, description="The name in the Twilio console."
    )
    credential_lists: list[_CREDENTIAL_LIST] | None = Field(
        None, description="The credential lists (CL...) whose users may call."
    )
    ip_access_control_lists: list[_ADDRESS_LIST] | None = Field(
        None, description="The IP access control lists (AL...) from which calls may come."
    )
    networks: dict[str, Annotated[str, Field(min_length=1, max_length=255)]] | None = Field(
        None,
        description="IPv4 networks from which calls may come, each with a name: `203.0.113.10/32: PBX`. They "
        "make an IP access control list of this stack's own.",
    )
    registration: bool | None = Field(
        None,
        description="Whether phones may register, with the same credential lists, so that `forwardTo` can ring "
        "them as `sip:user@domain`.",
    )
    secure: bool | None = Field(None, description="Whether Twilio requires TLS and SRTP.")
    outgoing: Annotated[bool | None, ActsOn.HANDLER] = Field(
        None,
        description="Whether phones of the domain may call any number of the countries that browser phones may "
        "call. They reach the environment's own numbers in any case.",
    )
    caller_id: Annotated[Annotated[str, Field(pattern=f"^{E164}$")] | None, ActsOn.HANDLER] = Field(
        None,
        description="The caller ID of such calls. Default: `callerId` of the defaults, else the first number.",
    )
    forward_to: Annotated[list[str] | None, ActsOn.HANDLER] = Field(
        None,
        max_length=10,
        description="Where calls go that dial a name, such as `sip:sales@...`. Default: `forwardTo` of the "
        "defaults.",
    )
    adopt_existing: bool = Field(
        False, description="Whether a domain that this stack did not create may be taken over."
    )

    @field_validator("forward_to")
    @classmethod
    def _destinations(cls, value: list[str] | None) -> list[str] | None:
        for destination in value or []:
            if not is_destination(destination):
                raise ValueError(
                    f"{destination!r} is not valid; use +15551234567, sip:user@host or client:name"
                )
        return value

    @field_validator("networks")
    @classmethod
    def _networks(cls, value: dict[str, str] | None) -> dict[str, str] | None:
        for network in value or {}:
            try:
                written = str(ipaddress.IPv4Network(network))
            except ValueError:
                raise ValueError(f'"{network}" is not an IPv4 network, such as 203.0.113.0/24') from None
            if written != network:
                raise ValueError(f'"{network}" is written "{written}"')
        return value


class Origin(SettingsModel):
    """An address at which a trunk's calls arrive."""

    sip_url: Annotated[str, Field(pattern=r"^sip:\S+$")] = Field(
        description="The SIP address: `sip:pbx.example.com`."
    )
    priority: Annotated[int, Field(ge=0, le=65_535)] = Field(10, description="The lowest is tried first.")
    weight: Annotated[int, Field(ge=1, le=65_535)] = Field(
        10, description="The share of the calls among equal priorities."
    )
    enabled: bool = Field(True, description="Whether it is used. true is the default.")


class TrunkSettings(SettingsModel):
    """An Elastic SIP trunk: its numbers' calls go to a PBX, and to the fallback if that is down."""

    domain_name: Annotated[str, Field(pattern=r"^([a-z0-9-]+\.)+pstn\.twilio\.com$")] | None = Field(
        None, description="The address for a PBX's outgoing calls: `NAME.pstn.twilio.com`."
    )
    origins: list[Origin] | None = Field(
        None, description="Where the calls go. Other origination URLs of the trunk stay."
    )
    numbers: list[str] | None = Field(
        None,
        description="Numbers (E.164) whose calls go to the trunk. They are not in `voicehooks:numbers`. "
        "Numbers that others attached stay.",
    )
    disaster_recovery_url: str | None = Field(
        "default",
        description="The URL that Twilio requests if no origin can be reached: `default` (the function "
        'twilio-fallback), an https URL, or "" for none.',
    )
    record: RecordMode | None = Field(
        None,
        description="Whether the trunk records calls, and from when on. With `account.recordingCallback`, the "
        "handler hears of these recordings.",
    )
    trim: Literal["trim-silence", "do-not-trim"] | None = Field(
        None, description="Whether silence at both ends of these recordings is cut off."
    )
    secure: bool | None = Field(None, description="Whether Twilio requires TLS and SRTP.")
    adopt_existing: bool = Field(
        False, description="Whether a trunk of this name that this stack did not create may be taken over."
    )
    replace_existing: bool = Field(
        False,
        description="Whether numbers may be attached that another trunk, a TwiML App or a voice URL answers.",
    )

    @field_validator("disaster_recovery_url")
    @classmethod
    def _url(cls, value: str | None) -> str | None:
        return check_url(value)

    @field_validator("numbers")
    @classmethod
    def _numbers(cls, value: list[str] | None) -> list[str] | None:
        for number in value or []:
            if not is_e164(number):
                raise ValueError(f'"{number}" is not an E.164 number; write it as "+15551234567"')
        return value
