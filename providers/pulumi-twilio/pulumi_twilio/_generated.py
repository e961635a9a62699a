"""The typed classes of the Twilio provider.

Generated from the property tables by `python -m pulumi_provider_kit.codegen pulumi_twilio`; change those.
"""

# ruff: noqa
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import pulumi
import pulumi.runtime
from pulumi_provider_kit.nested_names import ListOf, MapOf, Shape, schema_names

__all__ = [
    "AccountOriginals",
    "AccountRecordingDefaults",
    "ApiKey",
    "Application",
    "ApplicationSummaryArgs",
    "CountryPermissionsArgs",
    "DeliveryArgs",
    "DialingPermissions",
    "EventSink",
    "EventSubscription",
    "GetApplicationResult",
    "GetApplicationsResult",
    "GetPhoneNumberResult",
    "GetPhoneNumbersResult",
    "GetStudioFlowResult",
    "GetWebhookRuleResult",
    "OriginationUrlArgs",
    "PhoneNumberArgs",
    "Provider",
    "SipCredentialList",
    "SipDomain",
    "SipIpAccessControlList",
    "SipTrunk",
    "Subaccount",
    "VoiceConfiguration",
    "VoiceInsightsSettings",
    "VoiceOriginals",
    "VoiceSettings",
    "WebhookRule",
    "WebhookRuleSettingArgs",
    "WebhookSetting",
    "WebhookSharedKey",
    "get_application",
    "get_application_output",
    "get_applications",
    "get_applications_output",
    "get_phone_number",
    "get_phone_number_output",
    "get_phone_numbers",
    "get_phone_numbers_output",
    "get_studio_flow",
    "get_studio_flow_output",
    "get_webhook_rule",
    "get_webhook_rule_output",
]

class DeliveryArgs(TypedDict, total=False):
    """How Twilio delivers a webhook: what it retries and how long it waits. By default, Twilio retries once,
    and only if the connection fails. All attempts of a call-related request together have 15 seconds.
    """
    retries: int
    """How often Twilio retries a failed request, 0 to 5. Twilio's default is 1. (Twilio docs: Webhooks
    connection overrides)
    """
    retry_on: Sequence[pulumi.Input[str]]
    """The failures to retry: connect (TCP or TLS), read-timeout, 4xx, 5xx or all. Twilio's default is connect.
    With 4xx, Twilio also retries requests whose signature was refused. (Twilio docs: Webhooks connection
    overrides)
    """
    connect_timeout: int
    """The connection time-out in milliseconds, 100 to 10000. Twilio's default is 5000. (Twilio docs: Webhooks
    connection overrides)
    """
    read_timeout: int
    """The time-out in milliseconds for the first byte and between packets, 100 to 15000. Twilio's default is
    15000. (Twilio docs: Webhooks connection overrides)
    """
    total_timeout: int
    """The time-out in milliseconds for all attempts together, 100 to 15000. Twilio's default is 15000. (Twilio
    docs: Webhooks connection overrides)
    """
    edges: Sequence[pulumi.Input[str]]
    """The edges that send the requests, tried in this order. Twilio's default is ashburn. (Twilio docs:
    Webhooks connection overrides)
    """
    retryOn: Sequence[pulumi.Input[str]]
    """The same as `retry_on`."""
    connectTimeout: int
    """The same as `connect_timeout`."""
    readTimeout: int
    """The same as `read_timeout`."""
    totalTimeout: int
    """The same as `total_timeout`."""

class CountryPermissionsArgs(TypedDict, total=False):
    """The callable numbers of a country. A permission that is absent does not change."""
    low_risk: bool
    """Ordinary numbers."""
    high_risk_special: bool
    """Special service numbers, often expensive."""
    high_risk_tollfraud: bool
    """Numbers that are known for toll fraud."""
    lowRisk: bool
    """The same as `low_risk`."""
    highRiskSpecial: bool
    """The same as `high_risk_special`."""
    highRiskTollfraud: bool
    """The same as `high_risk_tollfraud`."""

class OriginationUrlArgs(TypedDict, total=False):
    """An address at which a trunk's calls arrive."""
    sip_url: str
    """The SIP address, `sip:pbx.example.com`. A trunk has each once in a program. (Twilio docs: OriginationUrl
    resource)
    """
    priority: int
    """0 to 65535, default 10; the lowest is tried first. (Twilio docs: OriginationUrl resource)"""
    weight: int
    """1 to 65535, default 10; the share of the calls among equal priorities. (Twilio docs: OriginationUrl
    resource)
    """
    enabled: bool
    """Whether it is used. Default: true. (Twilio docs: OriginationUrl resource)"""
    friendly_name: str
    """The name in the console. Default: the address. (Twilio docs: OriginationUrl resource)"""
    sipUrl: str
    """The same as `sip_url`."""
    friendlyName: str
    """The same as `friendly_name`."""

class WebhookRuleSettingArgs(TypedDict, total=False):
    """A setting, and its share of the requests."""
    setting_id: str
    """The setting's ID, webhooks_setting_..."""
    percentage: int
    """Its share of the requests, 1 to 100."""
    settingId: str
    """The same as `setting_id`."""

class PhoneNumberArgs(TypedDict, total=False):
    """A phone number of the account."""
    phoneNumberSid: str
    """The number's SID, PN..."""
    phoneNumber: str
    """The number in E.164 format."""
    friendlyName: str
    """The name in the console."""
    voice: bool
    """Whether the number can receive and make calls."""
    voiceUrl: str
    """The URL that Twilio requests for TwiML when a call comes in; empty if not set."""
    voiceMethod: str
    """Its HTTP method."""
    voiceFallbackUrl: str
    """The URL that Twilio requests if the voice URL fails; empty if not set."""
    voiceFallbackMethod: str
    """Its HTTP method."""
    statusCallback: str
    """The URL that Twilio requests when a call ends; empty if not set."""
    statusCallbackMethod: str
    """Its HTTP method."""
    voiceCallerIdLookup: bool
    """Whether Twilio looks up the caller's name."""
    voiceApplicationSid: str
    """The number's TwiML App, AP...; empty if not set."""
    trunkSid: str
    """The number's trunk, TK...; empty if not set."""

class ApplicationSummaryArgs(TypedDict, total=False):
    """A TwiML App of the account."""
    applicationSid: str
    """The app's SID, AP..."""
    friendlyName: str
    """The app's name."""
    voiceUrl: str
    """The URL that Twilio requests for TwiML when a call comes in; empty if not set."""
    voiceMethod: str
    """Its HTTP method."""
    voiceFallbackUrl: str
    """The URL that Twilio requests if the voice URL fails; empty if not set."""
    voiceFallbackMethod: str
    """Its HTTP method."""
    statusCallback: str
    """The URL that Twilio requests when a call ends; empty if not set."""
    statusCallbackMethod: str
    """Its HTTP method."""
    voiceCallerIdLookup: bool
    """Whether Twilio looks up the caller's name."""

_DELIVERY: Shape = {
    "retries": ("retries", None),
    "retry_on": ("retryOn", None),
    "connect_timeout": ("connectTimeout", None),
    "read_timeout": ("readTimeout", None),
    "total_timeout": ("totalTimeout", None),
    "edges": ("edges", None),
}

_COUNTRY_PERMISSIONS: Shape = {
    "low_risk": ("lowRisk", None),
    "high_risk_special": ("highRiskSpecial", None),
    "high_risk_tollfraud": ("highRiskTollfraud", None),
}

_ORIGINATION_URL: Shape = {
    "sip_url": ("sipUrl", None),
    "priority": ("priority", None),
    "weight": ("weight", None),
    "enabled": ("enabled", None),
    "friendly_name": ("friendlyName", None),
}

_WEBHOOK_RULE_SETTING: Shape = {
    "setting_id": ("settingId", None),
    "percentage": ("percentage", None),
}

class Provider(pulumi.ProviderResource):
    """Settings of the Twilio provider for the resources that name it in their options
    (`pulumi.ResourceOptions(provider=...)`). A setting that is absent comes from its environment variable,
    and not from `twilio:*` of the stack's configuration.

    Args:
        resource_name: the provider's logical name.
        account_sid: The account, AC and 32 hexadecimal digits.
        auth_token: The account's auth token. Set either this or an API key.
        api_key_sid: An API key of the account, SK and 32 hexadecimal digits; takes precedence over the auth
            token.
        api_key_secret: The API key's secret.
        region: The Twilio Region that stores the configuration, for example ie1. Each Region has its own
            credentials.
        edge: The edge through which to reach Twilio, for example dublin. Default with a region: ashburn.
        base_url: One URL that replaces all of Twilio's hosts, for a sandbox.
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        account_sid: pulumi.Input[str] | None = None,
        auth_token: pulumi.Input[str] | None = None,
        api_key_sid: pulumi.Input[str] | None = None,
        api_key_secret: pulumi.Input[str] | None = None,
        region: pulumi.Input[str] | None = None,
        edge: pulumi.Input[str] | None = None,
        base_url: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio",
            resource_name,
            {
                "accountSid": account_sid,
                "authToken": None if auth_token is None else pulumi.Output.secret(auth_token),
                "apiKeySid": api_key_sid,
                "apiKeySecret": None if api_key_secret is None else pulumi.Output.secret(api_key_secret),
                "region": region,
                "edge": edge,
                "baseUrl": base_url,
            },
            opts,
        )

class VoiceConfiguration(pulumi.CustomResource):
    """The voice configuration of a phone number that the account already owns: its webhooks, fallback and
    status callback.

    The number is found by its E.164 number or SID. It is never bought and never released. A property that
    is absent does not change, removing a property restores its previous value, and an empty string clears
    it. Deleting the resource restores the number's previous configuration (see `onDelete`).

    Args:
        resource_name: the resource's logical name.
        phone_number: The number in E.164 format (+15551234567), or its SID (PN...). The account must own
            it. (Twilio docs: IncomingPhoneNumber resource)
        voice_url: The URL that Twilio requests for TwiML when a call comes in. https, without trailing
            slash, credentials or fragment; http only for loopback addresses. Twilio ignores it while an
            application or trunk is set. (Twilio docs: IncomingPhoneNumber resource)
        voice_method: The HTTP method for `voiceUrl`. Twilio's default is POST. One of `GET`, `POST`.
            (Twilio docs: IncomingPhoneNumber resource)
        voice_fallback_url: The URL that Twilio requests if `voiceUrl` cannot be fetched or its TwiML fails.
            Same rules. (Twilio docs: IncomingPhoneNumber resource)
        voice_fallback_method: The HTTP method for `voiceFallbackUrl`. Twilio's default is POST. One of
            `GET`, `POST`. (Twilio docs: IncomingPhoneNumber resource)
        status_callback: The URL that Twilio requests when an incoming call ends. A number has no list of
            events: earlier events exist only for calls created through the API and for the legs of a
            <Dial>. Same rules as `voiceUrl`. (Twilio docs: IncomingPhoneNumber resource)
        status_callback_method: The HTTP method for `statusCallback`. Twilio's default is POST. One of
            `GET`, `POST`. (Twilio docs: IncomingPhoneNumber resource)
        voice_application_sid: The TwiML App (AP...) whose URLs replace the number's own, including the
            status callback. It excludes `voiceUrl` and `trunkSid`. If it is set, Twilio clears the trunk.
            (Twilio docs: IncomingPhoneNumber resource)
        trunk_sid: The Elastic SIP trunk (TK...), which takes precedence over any URL or application and
            excludes them. If it is set, Twilio clears the application. (Twilio docs: IncomingPhoneNumber
            resource)
        voice_caller_id_lookup: Whether Twilio looks up the caller's name, which is billed per call.
            Twilio's default is false. (Twilio docs: IncomingPhoneNumber resource)
        delivery: How Twilio delivers requests to these URLs: retries and time-outs. An empty object removes
            the current overrides. By default, the URLs are written without overrides. (Twilio docs:
            Webhooks connection overrides)
        replace_existing: Whether a URL, application or trunk that this program did not set may be replaced.
            By default (false) the preview fails and says what the number has.
        on_delete: What deleting the resource does. `restore` (default) restores the previous value of each
            field that was not changed outside this program, and fails if a URL of `ownUrls` would stay.
            `clear` clears the fields whose previous value is not known and restores the others. `force`
            also restores fields that were changed outside this program. `keep` leaves the number as it is.
            None of them releases the number. One of `restore`, `clear`, `keep`, `force`.
        own_urls: URLs that exist only as long as this program, such as those of its functions. None of them
            stays on the number when the resource is deleted, unless `onDelete` is `keep`.
        original: The previous voice configuration by Twilio's field names, which a delete restores. Pass
            the number's part of `VoiceOriginals` to record it before anything is written. Without it, a
            create that was killed or whose answer was lost finds its own values. It is used when the
            resource is created; a value that is already in the state takes precedence.
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        phone_number: pulumi.Input[str],
        voice_url: pulumi.Input[str] | None = None,
        voice_method: pulumi.Input[str] | None = None,
        voice_fallback_url: pulumi.Input[str] | None = None,
        voice_fallback_method: pulumi.Input[str] | None = None,
        status_callback: pulumi.Input[str] | None = None,
        status_callback_method: pulumi.Input[str] | None = None,
        voice_application_sid: pulumi.Input[str] | None = None,
        trunk_sid: pulumi.Input[str] | None = None,
        voice_caller_id_lookup: pulumi.Input[bool] | None = None,
        delivery: pulumi.Input[DeliveryArgs] | None = None,
        replace_existing: pulumi.Input[bool] | None = None,
        on_delete: pulumi.Input[str] | None = None,
        own_urls: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        original: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        account_sid: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:VoiceConfiguration",
            resource_name,
            {
                "phoneNumber": phone_number,
                "voiceUrl": voice_url,
                "voiceMethod": voice_method,
                "voiceFallbackUrl": voice_fallback_url,
                "voiceFallbackMethod": voice_fallback_method,
                "statusCallback": status_callback,
                "statusCallbackMethod": status_callback_method,
                "voiceApplicationSid": voice_application_sid,
                "trunkSid": trunk_sid,
                "voiceCallerIdLookup": voice_caller_id_lookup,
                "delivery": schema_names(delivery, _DELIVERY),
                "replaceExisting": replace_existing,
                "onDelete": on_delete,
                "ownUrls": own_urls,
                "original": None if original is None else pulumi.Output.secret(original),
                "accountSid": account_sid,
                "restores": None,
                "region": None,
                "phoneNumberSid": None,
                "e164": None,
                "friendlyName": None,
                "lastWritten": None,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> VoiceConfiguration:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the number's SID (PN...) or E.164 number (+15551234567).
            opts: the engine's options.
        """
        resource = VoiceConfiguration.__new__(VoiceConfiguration)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:VoiceConfiguration",
            resource_name,
            {
                "phoneNumber": None,
                "voiceUrl": None,
                "voiceMethod": None,
                "voiceFallbackUrl": None,
                "voiceFallbackMethod": None,
                "statusCallback": None,
                "statusCallbackMethod": None,
                "voiceApplicationSid": None,
                "trunkSid": None,
                "voiceCallerIdLookup": None,
                "delivery": None,
                "replaceExisting": None,
                "onDelete": None,
                "original": None,
                "restores": None,
                "accountSid": None,
                "region": None,
                "phoneNumberSid": None,
                "e164": None,
                "friendlyName": None,
                "lastWritten": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="phoneNumber")
    def phone_number(self) -> pulumi.Output[str]:
        """The number in E.164 format (+15551234567), or its SID (PN...). The account must own it. (Twilio
        docs: IncomingPhoneNumber resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "phoneNumber")
        return value

    @property
    @pulumi.getter(name="voiceUrl")
    def voice_url(self) -> pulumi.Output[str]:
        """The URL that Twilio requests for TwiML when a call comes in. https, without trailing slash,
        credentials or fragment; http only for loopback addresses. Twilio ignores it while an application or
        trunk is set. (Twilio docs: IncomingPhoneNumber resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "voiceUrl")
        return value

    @property
    @pulumi.getter(name="voiceMethod")
    def voice_method(self) -> pulumi.Output[str]:
        """The HTTP method for `voiceUrl`. Twilio's default is POST. One of `GET`, `POST`. (Twilio docs:
        IncomingPhoneNumber resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "voiceMethod")
        return value

    @property
    @pulumi.getter(name="voiceFallbackUrl")
    def voice_fallback_url(self) -> pulumi.Output[str]:
        """The URL that Twilio requests if `voiceUrl` cannot be fetched or its TwiML fails. Same rules. (Twilio
        docs: IncomingPhoneNumber resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "voiceFallbackUrl")
        return value

    @property
    @pulumi.getter(name="voiceFallbackMethod")
    def voice_fallback_method(self) -> pulumi.Output[str]:
        """The HTTP method for `voiceFallbackUrl`. Twilio's default is POST. One of `GET`, `POST`. (Twilio
        docs: IncomingPhoneNumber resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "voiceFallbackMethod")
        return value

    @property
    @pulumi.getter(name="statusCallback")
    def status_callback(self) -> pulumi.Output[str]:
        """The URL that Twilio requests when an incoming call ends. A number has no list of events: earlier
        events exist only for calls created through the API and for the legs of a <Dial>. Same rules as
        `voiceUrl`. (Twilio docs: IncomingPhoneNumber resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "statusCallback")
        return value

    @property
    @pulumi.getter(name="statusCallbackMethod")
    def status_callback_method(self) -> pulumi.Output[str]:
        """The HTTP method for `statusCallback`. Twilio's default is POST. One of `GET`, `POST`. (Twilio docs:
        IncomingPhoneNumber resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "statusCallbackMethod")
        return value

    @property
    @pulumi.getter(name="voiceApplicationSid")
    def voice_application_sid(self) -> pulumi.Output[str]:
        """The TwiML App (AP...) whose URLs replace the number's own, including the status callback. It
        excludes `voiceUrl` and `trunkSid`. If it is set, Twilio clears the trunk. (Twilio docs:
        IncomingPhoneNumber resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "voiceApplicationSid")
        return value

    @property
    @pulumi.getter(name="trunkSid")
    def trunk_sid(self) -> pulumi.Output[str]:
        """The Elastic SIP trunk (TK...), which takes precedence over any URL or application and excludes them.
        If it is set, Twilio clears the application. (Twilio docs: IncomingPhoneNumber resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "trunkSid")
        return value

    @property
    @pulumi.getter(name="voiceCallerIdLookup")
    def voice_caller_id_lookup(self) -> pulumi.Output[bool]:
        """Whether Twilio looks up the caller's name, which is billed per call. Twilio's default is false.
        (Twilio docs: IncomingPhoneNumber resource)
        """
        value: pulumi.Output[bool] = pulumi.get(self, "voiceCallerIdLookup")
        return value

    @property
    @pulumi.getter(name="delivery")
    def delivery(self) -> pulumi.Output[Mapping[str, Any] | None]:
        """How Twilio delivers requests to these URLs: retries and time-outs. An empty object removes the
        current overrides. By default, the URLs are written without overrides. (Twilio docs: Webhooks
        connection overrides)
        """
        value: pulumi.Output[Mapping[str, Any] | None] = pulumi.get(self, "delivery")
        return value

    @property
    @pulumi.getter(name="replaceExisting")
    def replace_existing(self) -> pulumi.Output[bool | None]:
        """Whether a URL, application or trunk that this program did not set may be replaced. By default
        (false) the preview fails and says what the number has.
        """
        value: pulumi.Output[bool | None] = pulumi.get(self, "replaceExisting")
        return value

    @property
    @pulumi.getter(name="onDelete")
    def on_delete(self) -> pulumi.Output[str | None]:
        """What deleting the resource does. `restore` (default) restores the previous value of each field that
        was not changed outside this program, and fails if a URL of `ownUrls` would stay. `clear` clears the
        fields whose previous value is not known and restores the others. `force` also restores fields that
        were changed outside this program. `keep` leaves the number as it is. None of them releases the
        number. One of `restore`, `clear`, `keep`, `force`.
        """
        value: pulumi.Output[str | None] = pulumi.get(self, "onDelete")
        return value

    @property
    @pulumi.getter(name="original")
    def original(self) -> pulumi.Output[Mapping[str, str]]:
        """The previous voice configuration by Twilio's field names, which a delete restores. Pass the number's
        part of `VoiceOriginals` to record it before anything is written. Without it, a create that was
        killed or whose answer was lost finds its own values. It is used when the resource is created; a
        value that is already in the state takes precedence.
        """
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "original")
        return value

    @property
    @pulumi.getter(name="restores")
    def restores(self) -> pulumi.Output[Mapping[str, str]]:
        """What deleting the resource restores: the previous routes and callbacks, without user names,
        passwords and queries. The preview of a delete shows it. `original` has all of it, secret.
        """
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "restores")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="phoneNumberSid")
    def phone_number_sid(self) -> pulumi.Output[str]:
        """The number's SID, PN..."""
        value: pulumi.Output[str] = pulumi.get(self, "phoneNumberSid")
        return value

    @property
    @pulumi.getter(name="e164")
    def e164(self) -> pulumi.Output[str]:
        """The number in E.164 format."""
        value: pulumi.Output[str] = pulumi.get(self, "e164")
        return value

    @property
    @pulumi.getter(name="friendlyName")
    def friendly_name(self) -> pulumi.Output[str]:
        """The number's name in the console."""
        value: pulumi.Output[str] = pulumi.get(self, "friendlyName")
        return value

    @property
    @pulumi.getter(name="lastWritten")
    def last_written(self) -> pulumi.Output[Mapping[str, str]]:
        """The fields that this resource has written, with the values that Twilio returned. Secret if one of
        them is not in plain text in the program.
        """
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "lastWritten")
        return value

class VoiceOriginals(pulumi.CustomResource):
    """Records the voice configuration of phone numbers in the state. It writes nothing at Twilio.

    Pass each `VoiceConfiguration` its part as `original`. The previous configuration is then in the state
    before anything is written. It can be restored even if the update that wrote the number was killed, or
    its answer was lost. A record never changes: a number that is added later is recorded then, and the
    others keep their record. Never change the resource's name or parent.

    Args:
        resource_name: the resource's logical name.
        phone_numbers: The numbers in E.164 format. The record leaves out a number that the account does not
            own.
        own_urls: The program's own URLs. If a number already has one of them, its configuration from before
            is not known, and the record leaves that field out.
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        phone_numbers: pulumi.Input[Sequence[pulumi.Input[str]]],
        own_urls: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        account_sid: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:VoiceOriginals",
            resource_name,
            {
                "phoneNumbers": phone_numbers,
                "ownUrls": own_urls,
                "accountSid": account_sid,
                "region": None,
                "configurations": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(additional_secret_outputs=['configurations']), opts),
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> VoiceOriginals:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: numbers in E.164 format, separated by commas; records their configuration at that time.
            opts: the engine's options.
        """
        resource = VoiceOriginals.__new__(VoiceOriginals)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:VoiceOriginals",
            resource_name,
            {
                "phoneNumbers": None,
                "ownUrls": None,
                "accountSid": None,
                "region": None,
                "configurations": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="phoneNumbers")
    def phone_numbers(self) -> pulumi.Output[Sequence[str]]:
        """The numbers in E.164 format. The record leaves out a number that the account does not own."""
        value: pulumi.Output[Sequence[str]] = pulumi.get(self, "phoneNumbers")
        return value

    @property
    @pulumi.getter(name="ownUrls")
    def own_urls(self) -> pulumi.Output[Sequence[str] | None]:
        """The program's own URLs. If a number already has one of them, its configuration from before is not
        known, and the record leaves that field out.
        """
        value: pulumi.Output[Sequence[str] | None] = pulumi.get(self, "ownUrls")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="configurations")
    def configurations(self) -> pulumi.Output[Mapping[str, Mapping[str, str]]]:
        """Each number's voice configuration by Twilio's field names, and its SID."""
        value: pulumi.Output[Mapping[str, Mapping[str, str]]] = pulumi.get(self, "configurations")
        return value

class Application(pulumi.CustomResource):
    """A TwiML App: voice URLs and a status callback that many numbers share. A number uses the app by naming
    it in `voiceApplicationSid`. Twilio has no voice webhook for a whole account; this is the closest to
    one.

    An app that numbers still use is not deleted: Twilio would silently fall back to each number's own URLs.

    Args:
        resource_name: the resource's logical name.
        friendly_name: The app's name, 1 to 64 characters. Twilio does not require a unique name. (Twilio
            docs: Application resource)
        voice_url: The URL that Twilio requests for TwiML when a call comes in. https, without trailing
            slash, credentials or fragment; http only for loopback addresses. Twilio ignores it while an
            application or trunk is set. (Twilio docs: IncomingPhoneNumber resource)
        voice_method: The HTTP method for `voiceUrl`. Twilio's default is POST. One of `GET`, `POST`.
            (Twilio docs: IncomingPhoneNumber resource)
        voice_fallback_url: The URL that Twilio requests if `voiceUrl` cannot be fetched or its TwiML fails.
            Same rules. (Twilio docs: IncomingPhoneNumber resource)
        voice_fallback_method: The HTTP method for `voiceFallbackUrl`. Twilio's default is POST. One of
            `GET`, `POST`. (Twilio docs: IncomingPhoneNumber resource)
        status_callback: The URL that Twilio requests when an incoming call ends. A number has no list of
            events: earlier events exist only for calls created through the API and for the legs of a
            <Dial>. Same rules as `voiceUrl`. (Twilio docs: IncomingPhoneNumber resource)
        status_callback_method: The HTTP method for `statusCallback`. Twilio's default is POST. One of
            `GET`, `POST`. (Twilio docs: IncomingPhoneNumber resource)
        voice_caller_id_lookup: Whether Twilio looks up the caller's name, which is billed per call.
            Twilio's default is false. (Twilio docs: IncomingPhoneNumber resource)
        delivery: How Twilio delivers requests to these URLs: retries and time-outs. An empty object removes
            the current overrides. By default, the URLs are written without overrides. (Twilio docs:
            Webhooks connection overrides)
        own_urls: URLs that exist only as long as this program. A restored app does not keep them.
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        friendly_name: pulumi.Input[str],
        voice_url: pulumi.Input[str] | None = None,
        voice_method: pulumi.Input[str] | None = None,
        voice_fallback_url: pulumi.Input[str] | None = None,
        voice_fallback_method: pulumi.Input[str] | None = None,
        status_callback: pulumi.Input[str] | None = None,
        status_callback_method: pulumi.Input[str] | None = None,
        voice_caller_id_lookup: pulumi.Input[bool] | None = None,
        delivery: pulumi.Input[DeliveryArgs] | None = None,
        own_urls: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        account_sid: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:Application",
            resource_name,
            {
                "friendlyName": friendly_name,
                "voiceUrl": voice_url,
                "voiceMethod": voice_method,
                "voiceFallbackUrl": voice_fallback_url,
                "voiceFallbackMethod": voice_fallback_method,
                "statusCallback": status_callback,
                "statusCallbackMethod": status_callback_method,
                "voiceCallerIdLookup": voice_caller_id_lookup,
                "delivery": schema_names(delivery, _DELIVERY),
                "ownUrls": own_urls,
                "accountSid": account_sid,
                "region": None,
                "applicationSid": None,
                "original": None,
                "lastWritten": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(additional_secret_outputs=['original', 'lastWritten']), opts),
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> Application:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the app's SID (AP...) or its name, where only one app has it.
            opts: the engine's options.
        """
        resource = Application.__new__(Application)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:Application",
            resource_name,
            {
                "friendlyName": None,
                "voiceUrl": None,
                "voiceMethod": None,
                "voiceFallbackUrl": None,
                "voiceFallbackMethod": None,
                "statusCallback": None,
                "statusCallbackMethod": None,
                "voiceCallerIdLookup": None,
                "delivery": None,
                "accountSid": None,
                "region": None,
                "applicationSid": None,
                "original": None,
                "lastWritten": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="friendlyName")
    def friendly_name(self) -> pulumi.Output[str]:
        """The app's name, 1 to 64 characters. Twilio does not require a unique name. (Twilio docs: Application
        resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "friendlyName")
        return value

    @property
    @pulumi.getter(name="voiceUrl")
    def voice_url(self) -> pulumi.Output[str]:
        """The URL that Twilio requests for TwiML when a call comes in. https, without trailing slash,
        credentials or fragment; http only for loopback addresses. Twilio ignores it while an application or
        trunk is set. (Twilio docs: IncomingPhoneNumber resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "voiceUrl")
        return value

    @property
    @pulumi.getter(name="voiceMethod")
    def voice_method(self) -> pulumi.Output[str]:
        """The HTTP method for `voiceUrl`. Twilio's default is POST. One of `GET`, `POST`. (Twilio docs:
        IncomingPhoneNumber resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "voiceMethod")
        return value

    @property
    @pulumi.getter(name="voiceFallbackUrl")
    def voice_fallback_url(self) -> pulumi.Output[str]:
        """The URL that Twilio requests if `voiceUrl` cannot be fetched or its TwiML fails. Same rules. (Twilio
        docs: IncomingPhoneNumber resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "voiceFallbackUrl")
        return value

    @property
    @pulumi.getter(name="voiceFallbackMethod")
    def voice_fallback_method(self) -> pulumi.Output[str]:
        """The HTTP method for `voiceFallbackUrl`. Twilio's default is POST. One of `GET`, `POST`. (Twilio
        docs: IncomingPhoneNumber resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "voiceFallbackMethod")
        return value

    @property
    @pulumi.getter(name="statusCallback")
    def status_callback(self) -> pulumi.Output[str]:
        """The URL that Twilio requests when an incoming call ends. A number has no list of events: earlier
        events exist only for calls created through the API and for the legs of a <Dial>. Same rules as
        `voiceUrl`. (Twilio docs: IncomingPhoneNumber resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "statusCallback")
        return value

    @property
    @pulumi.getter(name="statusCallbackMethod")
    def status_callback_method(self) -> pulumi.Output[str]:
        """The HTTP method for `statusCallback`. Twilio's default is POST. One of `GET`, `POST`. (Twilio docs:
        IncomingPhoneNumber resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "statusCallbackMethod")
        return value

    @property
    @pulumi.getter(name="voiceCallerIdLookup")
    def voice_caller_id_lookup(self) -> pulumi.Output[bool]:
        """Whether Twilio looks up the caller's name, which is billed per call. Twilio's default is false.
        (Twilio docs: IncomingPhoneNumber resource)
        """
        value: pulumi.Output[bool] = pulumi.get(self, "voiceCallerIdLookup")
        return value

    @property
    @pulumi.getter(name="delivery")
    def delivery(self) -> pulumi.Output[Mapping[str, Any] | None]:
        """How Twilio delivers requests to these URLs: retries and time-outs. An empty object removes the
        current overrides. By default, the URLs are written without overrides. (Twilio docs: Webhooks
        connection overrides)
        """
        value: pulumi.Output[Mapping[str, Any] | None] = pulumi.get(self, "delivery")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="applicationSid")
    def application_sid(self) -> pulumi.Output[str]:
        """The app's SID, AP..."""
        value: pulumi.Output[str] = pulumi.get(self, "applicationSid")
        return value

    @property
    @pulumi.getter(name="original")
    def original(self) -> pulumi.Output[Mapping[str, str]]:
        """The app's fields when it was imported, by Twilio's field names; empty if this program created it."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "original")
        return value

    @property
    @pulumi.getter(name="lastWritten")
    def last_written(self) -> pulumi.Output[Mapping[str, str]]:
        """The fields that this resource has written, with their values."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "lastWritten")
        return value

class AccountOriginals(pulumi.CustomResource):
    """Reads dialing permissions and account settings and remembers them; writes nothing at Twilio.

    Give `dialingPermissions` to `DialingPermissions` as `original`, `recordingDefaults` to
    `AccountRecordingDefaults`, and `voiceSettings` or `voiceInsightsSettings` to the resource of that name.
    What was there before is then in the state before anything is written, so that it can be restored even
    where the update was killed, or its answer lost. What was read once is kept. The resource's name and
    parent should never change.

    Args:
        resource_name: the resource's logical name.
        countries: The countries whose dialing permissions are recorded, ISO 3166-1 alpha-2, two capital
            letters.
        settings: The account settings that are recorded: `voiceSettings`, `voiceInsightsSettings`,
            `recordingDefaults`.
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        countries: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        settings: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        account_sid: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:AccountOriginals",
            resource_name,
            {
                "countries": countries,
                "settings": settings,
                "accountSid": account_sid,
                "region": None,
                "dialingPermissions": None,
                "voiceSettings": None,
                "voiceInsightsSettings": None,
                "recordingDefaults": None,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> AccountOriginals:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the account's SID; the program's countries and settings are then read by the next update.
            opts: the engine's options.
        """
        resource = AccountOriginals.__new__(AccountOriginals)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:AccountOriginals",
            resource_name,
            {
                "countries": None,
                "settings": None,
                "accountSid": None,
                "region": None,
                "dialingPermissions": None,
                "voiceSettings": None,
                "voiceInsightsSettings": None,
                "recordingDefaults": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="countries")
    def countries(self) -> pulumi.Output[Sequence[str] | None]:
        """The countries whose dialing permissions are recorded, ISO 3166-1 alpha-2, two capital letters."""
        value: pulumi.Output[Sequence[str] | None] = pulumi.get(self, "countries")
        return value

    @property
    @pulumi.getter(name="settings")
    def settings(self) -> pulumi.Output[Sequence[str] | None]:
        """The account settings that are recorded: `voiceSettings`, `voiceInsightsSettings`,
        `recordingDefaults`.
        """
        value: pulumi.Output[Sequence[str] | None] = pulumi.get(self, "settings")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="dialingPermissions")
    def dialing_permissions(self) -> pulumi.Output[Mapping[str, Mapping[str, bool]]]:
        """The dialing permissions by country and Twilio's field names."""
        value: pulumi.Output[Mapping[str, Mapping[str, bool]]] = pulumi.get(self, "dialingPermissions")
        return value

    @property
    @pulumi.getter(name="voiceSettings")
    def voice_settings(self) -> pulumi.Output[Mapping[str, str]]:
        """The voice settings by Twilio's field names; empty where they are not recorded."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "voiceSettings")
        return value

    @property
    @pulumi.getter(name="voiceInsightsSettings")
    def voice_insights_settings(self) -> pulumi.Output[Mapping[str, str]]:
        """The Voice Insights settings by Twilio's field names; empty where they are not recorded."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "voiceInsightsSettings")
        return value

    @property
    @pulumi.getter(name="recordingDefaults")
    def recording_defaults(self) -> pulumi.Output[Mapping[str, str]]:
        """The default recording configuration by field names; empty where it is not recorded."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "recordingDefaults")
        return value

class DialingPermissions(pulumi.CustomResource):
    """The account's voice dialing geographic permissions for the named countries. Other countries do not
    change. All changes are sent in one bulk update. Deleting the resource, or removing a country from it,
    restores the previous permissions.

    Args:
        resource_name: the resource's logical name.
        countries: Permissions by country code, ISO 3166-1 alpha-2, two capital letters. (Twilio docs: Voice
            dialing permissions API)
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        original: The previous permissions, by country and Twilio's field names. Give the record of
            `AccountOriginals` to have it recorded before anything is written; without it, a create that was
            killed finds what it wrote itself. It counts for a country that is new to the resource; what is
            in the state already takes precedence.
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        countries: pulumi.Input[Mapping[str, pulumi.Input[CountryPermissionsArgs]]],
        account_sid: pulumi.Input[str] | None = None,
        original: pulumi.Input[Mapping[str, pulumi.Input[Mapping[str, pulumi.Input[bool]]]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:DialingPermissions",
            resource_name,
            {
                "countries": schema_names(countries, MapOf(_COUNTRY_PERMISSIONS)),
                "accountSid": account_sid,
                "original": original,
                "region": None,
                "lastWritten": None,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> DialingPermissions:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: country codes joined by commas (US,CA).
            opts: the engine's options.
        """
        resource = DialingPermissions.__new__(DialingPermissions)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:DialingPermissions",
            resource_name,
            {
                "countries": None,
                "accountSid": None,
                "region": None,
                "original": None,
                "lastWritten": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="countries")
    def countries(self) -> pulumi.Output[Mapping[str, Mapping[str, Any]]]:
        """Permissions by country code, ISO 3166-1 alpha-2, two capital letters. (Twilio docs: Voice dialing
        permissions API)
        """
        value: pulumi.Output[Mapping[str, Mapping[str, Any]]] = pulumi.get(self, "countries")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="original")
    def original(self) -> pulumi.Output[Mapping[str, Mapping[str, bool]]]:
        """The previous permissions, by country and Twilio's field names. Give the record of `AccountOriginals`
        to have it recorded before anything is written; without it, a create that was killed finds what it
        wrote itself. It counts for a country that is new to the resource; what is in the state already
        takes precedence.
        """
        value: pulumi.Output[Mapping[str, Mapping[str, bool]]] = pulumi.get(self, "original")
        return value

    @property
    @pulumi.getter(name="lastWritten")
    def last_written(self) -> pulumi.Output[Mapping[str, Mapping[str, bool]]]:
        """The permissions of the last update, by country and Twilio's field names."""
        value: pulumi.Output[Mapping[str, Mapping[str, bool]]] = pulumi.get(self, "lastWritten")
        return value

class VoiceSettings(pulumi.CustomResource):
    """The account's voice settings in the resource of that name: one setting. A voice webhook or a status
    callback for the whole account does not exist as a setting: see `Application`.

    Args:
        resource_name: the resource's logical name.
        dialing_permissions_inheritance: Whether a subaccount inherits its parent account's dialing
            permissions. (Twilio docs: Voice dialing permissions settings)
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        original: The previous values, by Twilio's field names. Give the record of `AccountOriginals` to
            have it recorded before anything is written. It counts when the resource is created; what is in
            the state already takes precedence.
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        dialing_permissions_inheritance: pulumi.Input[bool] | None = None,
        account_sid: pulumi.Input[str] | None = None,
        original: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:VoiceSettings",
            resource_name,
            {
                "dialingPermissionsInheritance": dialing_permissions_inheritance,
                "accountSid": account_sid,
                "original": original,
                "region": None,
                "lastWritten": None,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> VoiceSettings:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the account's SID.
            opts: the engine's options.
        """
        resource = VoiceSettings.__new__(VoiceSettings)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:VoiceSettings",
            resource_name,
            {
                "dialingPermissionsInheritance": None,
                "accountSid": None,
                "region": None,
                "original": None,
                "lastWritten": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="dialingPermissionsInheritance")
    def dialing_permissions_inheritance(self) -> pulumi.Output[bool]:
        """Whether a subaccount inherits its parent account's dialing permissions. (Twilio docs: Voice dialing
        permissions settings)
        """
        value: pulumi.Output[bool] = pulumi.get(self, "dialingPermissionsInheritance")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="original")
    def original(self) -> pulumi.Output[Mapping[str, str]]:
        """The previous values, by Twilio's field names. Give the record of `AccountOriginals` to have it
        recorded before anything is written. It counts when the resource is created; what is in the state
        already takes precedence.
        """
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "original")
        return value

    @property
    @pulumi.getter(name="lastWritten")
    def last_written(self) -> pulumi.Output[Mapping[str, str]]:
        """The values of the last update, by the same names."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "lastWritten")
        return value

class VoiceInsightsSettings(pulumi.CustomResource):
    """The account's Voice Insights settings. Twilio bills advanced features per call.

    Args:
        resource_name: the resource's logical name.
        advanced_features: Whether Voice Insights Advanced Features are on. (Twilio docs: Voice Insights
            settings)
        voice_trace: Whether Twilio keeps packet traces of calls. (Twilio docs: Voice Insights settings)
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        original: The previous values, by Twilio's field names. Give the record of `AccountOriginals` to
            have it recorded before anything is written. It counts when the resource is created; what is in
            the state already takes precedence.
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        advanced_features: pulumi.Input[bool] | None = None,
        voice_trace: pulumi.Input[bool] | None = None,
        account_sid: pulumi.Input[str] | None = None,
        original: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:VoiceInsightsSettings",
            resource_name,
            {
                "advancedFeatures": advanced_features,
                "voiceTrace": voice_trace,
                "accountSid": account_sid,
                "original": original,
                "region": None,
                "lastWritten": None,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> VoiceInsightsSettings:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the account's SID.
            opts: the engine's options.
        """
        resource = VoiceInsightsSettings.__new__(VoiceInsightsSettings)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:VoiceInsightsSettings",
            resource_name,
            {
                "advancedFeatures": None,
                "voiceTrace": None,
                "accountSid": None,
                "region": None,
                "original": None,
                "lastWritten": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="advancedFeatures")
    def advanced_features(self) -> pulumi.Output[bool]:
        """Whether Voice Insights Advanced Features are on. (Twilio docs: Voice Insights settings)"""
        value: pulumi.Output[bool] = pulumi.get(self, "advancedFeatures")
        return value

    @property
    @pulumi.getter(name="voiceTrace")
    def voice_trace(self) -> pulumi.Output[bool]:
        """Whether Twilio keeps packet traces of calls. (Twilio docs: Voice Insights settings)"""
        value: pulumi.Output[bool] = pulumi.get(self, "voiceTrace")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="original")
    def original(self) -> pulumi.Output[Mapping[str, str]]:
        """The previous values, by Twilio's field names. Give the record of `AccountOriginals` to have it
        recorded before anything is written. It counts when the resource is created; what is in the state
        already takes precedence.
        """
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "original")
        return value

    @property
    @pulumi.getter(name="lastWritten")
    def last_written(self) -> pulumi.Output[Mapping[str, str]]:
        """The values of the last update, by the same names."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "lastWritten")
        return value

class AccountRecordingDefaults(pulumi.CustomResource):
    """The account's default recording configuration: where Twilio reports the recordings of all calls and
    conferences of the account, and how it makes them. It starts no recording. A recording whose TwiML or
    API request says something else follows that.

    An account has one such object, which several programs can share: each program manages the properties
    that it gives, and everything else in the object stays as it is. Deleting the resource restores the
    previous values. If there was no such object before and nobody else added to it, it is deleted.

    A callback of somebody else is not replaced unless `replaceExisting` is true. A default that names a
    recording configuration by its ID is never changed, because Twilio takes either an ID or these
    properties, not both.

    The API is new, and was never tried by this project on a real account.

    Args:
        resource_name: the resource's logical name.
        call_recording_status_callback: The URL to which Twilio reports recordings of calls, with connection
            overrides if any; empty: none. (Twilio docs: Recording account default configuration)
        call_recording_status_callback_events: What is reported there, separated by spaces: `in-progress`,
            `completed`, `absent`, `failed`. (Twilio docs: Recording account default configuration)
        conference_recording_status_callback: The URL to which Twilio reports recordings of conferences,
            with connection overrides if any; empty: none. (Twilio docs: Recording account default
            configuration)
        conference_recording_status_callback_events: What is reported there, separated by spaces: `in-
            progress`, `completed`, `absent`, `failed`. (Twilio docs: Recording account default
            configuration)
        channels: The channels of a recording: `mono`, `dual`; empty: Twilio's default. (Twilio docs:
            Recording account default configuration)
        trim: Whether silence at both ends is cut off: `trim-silence`, `do-not-trim`; empty: Twilio's
            default. (Twilio docs: Recording account default configuration)
        track: Which side of a call is recorded: `inbound`, `outbound`, `both`; empty: Twilio's default.
            (Twilio docs: Recording account default configuration)
        replace_existing: Whether a callback that this program did not set may be replaced.
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        original: The previous values, by Twilio's field names. Give the record of `AccountOriginals` to
            have it recorded before anything is written. It counts when the resource is created; what is in
            the state already takes precedence.
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        call_recording_status_callback: pulumi.Input[str] | None = None,
        call_recording_status_callback_events: pulumi.Input[str] | None = None,
        conference_recording_status_callback: pulumi.Input[str] | None = None,
        conference_recording_status_callback_events: pulumi.Input[str] | None = None,
        channels: pulumi.Input[str] | None = None,
        trim: pulumi.Input[str] | None = None,
        track: pulumi.Input[str] | None = None,
        replace_existing: pulumi.Input[bool] | None = None,
        account_sid: pulumi.Input[str] | None = None,
        original: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:AccountRecordingDefaults",
            resource_name,
            {
                "callRecordingStatusCallback": call_recording_status_callback,
                "callRecordingStatusCallbackEvents": call_recording_status_callback_events,
                "conferenceRecordingStatusCallback": conference_recording_status_callback,
                "conferenceRecordingStatusCallbackEvents": conference_recording_status_callback_events,
                "channels": channels,
                "trim": trim,
                "track": track,
                "replaceExisting": replace_existing,
                "accountSid": account_sid,
                "original": original,
                "region": None,
                "lastWritten": None,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> AccountRecordingDefaults:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the account's SID.
            opts: the engine's options.
        """
        resource = AccountRecordingDefaults.__new__(AccountRecordingDefaults)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:AccountRecordingDefaults",
            resource_name,
            {
                "callRecordingStatusCallback": None,
                "callRecordingStatusCallbackEvents": None,
                "conferenceRecordingStatusCallback": None,
                "conferenceRecordingStatusCallbackEvents": None,
                "channels": None,
                "trim": None,
                "track": None,
                "replaceExisting": None,
                "accountSid": None,
                "region": None,
                "original": None,
                "lastWritten": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="callRecordingStatusCallback")
    def call_recording_status_callback(self) -> pulumi.Output[str]:
        """The URL to which Twilio reports recordings of calls, with connection overrides if any; empty: none.
        (Twilio docs: Recording account default configuration)
        """
        value: pulumi.Output[str] = pulumi.get(self, "callRecordingStatusCallback")
        return value

    @property
    @pulumi.getter(name="callRecordingStatusCallbackEvents")
    def call_recording_status_callback_events(self) -> pulumi.Output[str]:
        """What is reported there, separated by spaces: `in-progress`, `completed`, `absent`, `failed`. (Twilio
        docs: Recording account default configuration)
        """
        value: pulumi.Output[str] = pulumi.get(self, "callRecordingStatusCallbackEvents")
        return value

    @property
    @pulumi.getter(name="conferenceRecordingStatusCallback")
    def conference_recording_status_callback(self) -> pulumi.Output[str]:
        """The URL to which Twilio reports recordings of conferences, with connection overrides if any; empty:
        none. (Twilio docs: Recording account default configuration)
        """
        value: pulumi.Output[str] = pulumi.get(self, "conferenceRecordingStatusCallback")
        return value

    @property
    @pulumi.getter(name="conferenceRecordingStatusCallbackEvents")
    def conference_recording_status_callback_events(self) -> pulumi.Output[str]:
        """What is reported there, separated by spaces: `in-progress`, `completed`, `absent`, `failed`. (Twilio
        docs: Recording account default configuration)
        """
        value: pulumi.Output[str] = pulumi.get(self, "conferenceRecordingStatusCallbackEvents")
        return value

    @property
    @pulumi.getter(name="channels")
    def channels(self) -> pulumi.Output[str]:
        """The channels of a recording: `mono`, `dual`; empty: Twilio's default. (Twilio docs: Recording
        account default configuration)
        """
        value: pulumi.Output[str] = pulumi.get(self, "channels")
        return value

    @property
    @pulumi.getter(name="trim")
    def trim(self) -> pulumi.Output[str]:
        """Whether silence at both ends is cut off: `trim-silence`, `do-not-trim`; empty: Twilio's default.
        (Twilio docs: Recording account default configuration)
        """
        value: pulumi.Output[str] = pulumi.get(self, "trim")
        return value

    @property
    @pulumi.getter(name="track")
    def track(self) -> pulumi.Output[str]:
        """Which side of a call is recorded: `inbound`, `outbound`, `both`; empty: Twilio's default. (Twilio
        docs: Recording account default configuration)
        """
        value: pulumi.Output[str] = pulumi.get(self, "track")
        return value

    @property
    @pulumi.getter(name="replaceExisting")
    def replace_existing(self) -> pulumi.Output[bool | None]:
        """Whether a callback that this program did not set may be replaced."""
        value: pulumi.Output[bool | None] = pulumi.get(self, "replaceExisting")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="original")
    def original(self) -> pulumi.Output[Mapping[str, str]]:
        """The previous values, by Twilio's field names. Give the record of `AccountOriginals` to have it
        recorded before anything is written. It counts when the resource is created; what is in the state
        already takes precedence.
        """
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "original")
        return value

    @property
    @pulumi.getter(name="lastWritten")
    def last_written(self) -> pulumi.Output[Mapping[str, str]]:
        """The values of the last update, by the same names."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "lastWritten")
        return value

class EventSink(pulumi.CustomResource):
    """A webhook to which Twilio's Event Streams sends the events that an `EventSubscription` names. Twilio
    sends each at least once, in no promised order, and sends it again for up to four hours after an answer
    with 429 or 5xx; any other 4xx discards it.

    A sink that was imported is not deleted with the resource; its description is restored. A sink that a
    subscription still uses is not deleted: that subscription would lose its events.

    This was never tried by this project on a real account.

    Args:
        resource_name: the resource's logical name.
        description: What the sink is for; no personal data.
        destination: The URL to which Twilio posts the events. Connection overrides have no effect here.
            (Twilio docs: Sink resource)
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        description: pulumi.Input[str],
        destination: pulumi.Input[str],
        account_sid: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:EventSink",
            resource_name,
            {
                "description": description,
                "destination": destination,
                "accountSid": account_sid,
                "originalDescription": None,
                "region": None,
                "sinkSid": None,
                "status": None,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> EventSink:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the sink's SID (DG...).
            opts: the engine's options.
        """
        resource = EventSink.__new__(EventSink)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:EventSink",
            resource_name,
            {
                "description": None,
                "originalDescription": None,
                "destination": None,
                "accountSid": None,
                "region": None,
                "sinkSid": None,
                "status": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="description")
    def description(self) -> pulumi.Output[str]:
        """What the sink is for; no personal data."""
        value: pulumi.Output[str] = pulumi.get(self, "description")
        return value

    @property
    @pulumi.getter(name="originalDescription")
    def original_description(self) -> pulumi.Output[str]:
        """The description that the sink had when it was imported; empty if this program created it."""
        value: pulumi.Output[str] = pulumi.get(self, "originalDescription")
        return value

    @property
    @pulumi.getter(name="destination")
    def destination(self) -> pulumi.Output[str]:
        """The URL to which Twilio posts the events. Connection overrides have no effect here. (Twilio docs:
        Sink resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "destination")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="sinkSid")
    def sink_sid(self) -> pulumi.Output[str]:
        """The sink's SID, DG..."""
        value: pulumi.Output[str] = pulumi.get(self, "sinkSid")
        return value

    @property
    @pulumi.getter(name="status")
    def status(self) -> pulumi.Output[str]:
        """Twilio's status: `active`, or `failed` if Twilio sends it no more events."""
        value: pulumi.Output[str] = pulumi.get(self, "status")
        return value

class EventSubscription(pulumi.CustomResource):
    """Which of the account's events an `EventSink` receives.

    Types are added and removed one by one. A type whose status is `restricted` is never removed, because
    Twilio would not let the account subscribe to it again.

    A subscription that was imported is not deleted with the resource; the description and the types that it
    had are restored.

    This was never tried by this project on a real account.

    Args:
        resource_name: the resource's logical name.
        description: What the subscription is for; no personal data.
        sink_sid: The SID of the sink, DG..., which must be active. (Twilio docs: Subscription resource)
        types: The types of events, each with the version of its schema: `{"com.twilio.error-
            logs.error.logged": 1}`. (Twilio docs: Subscription resource)
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        description: pulumi.Input[str],
        sink_sid: pulumi.Input[str],
        types: pulumi.Input[Mapping[str, pulumi.Input[int]]],
        account_sid: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:EventSubscription",
            resource_name,
            {
                "description": description,
                "sinkSid": sink_sid,
                "types": types,
                "accountSid": account_sid,
                "originalDescription": None,
                "region": None,
                "subscriptionSid": None,
                "originalTypes": None,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> EventSubscription:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the subscription's SID (DF...).
            opts: the engine's options.
        """
        resource = EventSubscription.__new__(EventSubscription)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:EventSubscription",
            resource_name,
            {
                "description": None,
                "originalDescription": None,
                "sinkSid": None,
                "types": None,
                "accountSid": None,
                "region": None,
                "subscriptionSid": None,
                "originalTypes": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="description")
    def description(self) -> pulumi.Output[str]:
        """What the subscription is for; no personal data."""
        value: pulumi.Output[str] = pulumi.get(self, "description")
        return value

    @property
    @pulumi.getter(name="originalDescription")
    def original_description(self) -> pulumi.Output[str]:
        """The description that the subscription had when it was imported; empty if this program created it."""
        value: pulumi.Output[str] = pulumi.get(self, "originalDescription")
        return value

    @property
    @pulumi.getter(name="sinkSid")
    def sink_sid(self) -> pulumi.Output[str]:
        """The SID of the sink, DG..., which must be active. (Twilio docs: Subscription resource)"""
        value: pulumi.Output[str] = pulumi.get(self, "sinkSid")
        return value

    @property
    @pulumi.getter(name="types")
    def types(self) -> pulumi.Output[Mapping[str, int]]:
        """The types of events, each with the version of its schema: `{"com.twilio.error-logs.error.logged":
        1}`. (Twilio docs: Subscription resource)
        """
        value: pulumi.Output[Mapping[str, int]] = pulumi.get(self, "types")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="subscriptionSid")
    def subscription_sid(self) -> pulumi.Output[str]:
        """The subscription's SID, DF..."""
        value: pulumi.Output[str] = pulumi.get(self, "subscriptionSid")
        return value

    @property
    @pulumi.getter(name="originalTypes")
    def original_types(self) -> pulumi.Output[Mapping[str, int]]:
        """The types that the subscription had when it was imported; empty if this program created it."""
        value: pulumi.Output[Mapping[str, int]] = pulumi.get(self, "originalTypes")
        return value

class SipDomain(pulumi.CustomResource):
    """A SIP domain, through which SIP phones and PBXs call: its webhooks, and the lists of who may call.
    Without a credential list or an IP access control list, Twilio refuses every call with 403.

    A domain that this program created is deleted with it; one that it took over is restored and never
    deleted. Twilio reserves a deleted name for up to 30 days, so a domain is renamed and moved in the
    program without deleting it.

    Never tried by this project on a real account.

    Args:
        resource_name: the resource's logical name.
        domain_name: The domain's name, which is unique among all of Twilio's accounts:
            `NAME.sip.twilio.com`. A change renames the domain, and phones that use the previous name no
            longer reach it. (Twilio docs: SIP Domain resource)
        friendly_name: The name in the console, up to 64 characters. (Twilio docs: SIP Domain resource)
        voice_url: The URL that Twilio requests for TwiML when a phone calls through the domain. https,
            without trailing slash, credentials or fragment; http only for loopback addresses. (Twilio docs:
            SIP Domain resource)
        voice_method: The HTTP method for `voiceUrl`. Twilio's default is POST. One of `GET`, `POST`.
            (Twilio docs: SIP Domain resource)
        voice_fallback_url: The URL that Twilio requests if `voiceUrl` cannot be fetched or its TwiML fails.
            Same rules. (Twilio docs: SIP Domain resource)
        voice_fallback_method: The HTTP method for `voiceFallbackUrl`. Twilio's default is POST. One of
            `GET`, `POST`. (Twilio docs: SIP Domain resource)
        status_callback: The URL that Twilio requests when such a call ends. Twilio's name of this field is
            `VoiceStatusCallbackUrl`. Same rules as `voiceUrl`. (Twilio docs: SIP Domain resource)
        status_callback_method: The HTTP method for `statusCallback`. Twilio's default is POST. One of
            `GET`, `POST`. (Twilio docs: SIP Domain resource)
        delivery: How Twilio delivers requests to these URLs: retries and time-outs. An empty object removes
            the current overrides. By default, the URLs are written without overrides. (Twilio docs:
            Webhooks connection overrides)
        sip_registration: Whether phones may register, so that they can be called. Default: false. (Twilio
            docs: SIP Domain resource)
        secure: Whether Twilio requires TLS and SRTP. Twilio's default is false. (Twilio docs: SIP Domain
            resource)
        emergency_calling_enabled: Whether emergency calls are possible. Twilio's default is false. (Twilio
            docs: SIP Domain resource)
        emergency_caller_sid: The number (PN...) that emergency services can call back. (Twilio docs: SIP
            Domain resource)
        byoc_trunk_sid: The BYOC trunk (BY...) that the domain uses. (Twilio docs: SIP Domain resource)
        credential_lists: The credential lists (CL...) whose users may call. Lists that others map stay; a
            list that leaves the program is taken out again. (Twilio docs: SIP Domain resource)
        ip_access_control_lists: The IP access control lists (AL...) from whose addresses calls may come.
            Lists that others map stay; a list that leaves the program is taken out again. (Twilio docs: SIP
            Domain resource)
        registration_credential_lists: The credential lists (CL...) whose users may register. Lists that
            others map stay; a list that leaves the program is taken out again. (Twilio docs: SIP Domain
            resource)
        adopt_existing: Whether an object of that name that the account already has may be taken over. By
            default (false) the preview fails and names it. A destroy restores what was taken over and never
            deletes it.
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        domain_name: pulumi.Input[str],
        friendly_name: pulumi.Input[str] | None = None,
        voice_url: pulumi.Input[str] | None = None,
        voice_method: pulumi.Input[str] | None = None,
        voice_fallback_url: pulumi.Input[str] | None = None,
        voice_fallback_method: pulumi.Input[str] | None = None,
        status_callback: pulumi.Input[str] | None = None,
        status_callback_method: pulumi.Input[str] | None = None,
        delivery: pulumi.Input[DeliveryArgs] | None = None,
        sip_registration: pulumi.Input[bool] | None = None,
        secure: pulumi.Input[bool] | None = None,
        emergency_calling_enabled: pulumi.Input[bool] | None = None,
        emergency_caller_sid: pulumi.Input[str] | None = None,
        byoc_trunk_sid: pulumi.Input[str] | None = None,
        credential_lists: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        ip_access_control_lists: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        registration_credential_lists: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        adopt_existing: pulumi.Input[bool] | None = None,
        account_sid: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:SipDomain",
            resource_name,
            {
                "domainName": domain_name,
                "friendlyName": friendly_name,
                "voiceUrl": voice_url,
                "voiceMethod": voice_method,
                "voiceFallbackUrl": voice_fallback_url,
                "voiceFallbackMethod": voice_fallback_method,
                "statusCallback": status_callback,
                "statusCallbackMethod": status_callback_method,
                "delivery": schema_names(delivery, _DELIVERY),
                "sipRegistration": sip_registration,
                "secure": secure,
                "emergencyCallingEnabled": emergency_calling_enabled,
                "emergencyCallerSid": emergency_caller_sid,
                "byocTrunkSid": byoc_trunk_sid,
                "credentialLists": credential_lists,
                "ipAccessControlLists": ip_access_control_lists,
                "registrationCredentialLists": registration_credential_lists,
                "adoptExisting": adopt_existing,
                "accountSid": account_sid,
                "region": None,
                "domainSid": None,
                "created": None,
                "original": None,
                "lastWritten": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(additional_secret_outputs=['original', 'lastWritten']), opts),
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> SipDomain:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the domain's SID (SD...) or its name.
            opts: the engine's options.
        """
        resource = SipDomain.__new__(SipDomain)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:SipDomain",
            resource_name,
            {
                "domainName": None,
                "friendlyName": None,
                "voiceUrl": None,
                "voiceMethod": None,
                "voiceFallbackUrl": None,
                "voiceFallbackMethod": None,
                "statusCallback": None,
                "statusCallbackMethod": None,
                "delivery": None,
                "sipRegistration": None,
                "secure": None,
                "emergencyCallingEnabled": None,
                "emergencyCallerSid": None,
                "byocTrunkSid": None,
                "credentialLists": None,
                "ipAccessControlLists": None,
                "registrationCredentialLists": None,
                "adoptExisting": None,
                "accountSid": None,
                "region": None,
                "domainSid": None,
                "created": None,
                "original": None,
                "lastWritten": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="domainName")
    def domain_name(self) -> pulumi.Output[str]:
        """The domain's name, which is unique among all of Twilio's accounts: `NAME.sip.twilio.com`. A change
        renames the domain, and phones that use the previous name no longer reach it. (Twilio docs: SIP
        Domain resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "domainName")
        return value

    @property
    @pulumi.getter(name="friendlyName")
    def friendly_name(self) -> pulumi.Output[str]:
        """The name in the console, up to 64 characters. (Twilio docs: SIP Domain resource)"""
        value: pulumi.Output[str] = pulumi.get(self, "friendlyName")
        return value

    @property
    @pulumi.getter(name="voiceUrl")
    def voice_url(self) -> pulumi.Output[str]:
        """The URL that Twilio requests for TwiML when a phone calls through the domain. https, without
        trailing slash, credentials or fragment; http only for loopback addresses. (Twilio docs: SIP Domain
        resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "voiceUrl")
        return value

    @property
    @pulumi.getter(name="voiceMethod")
    def voice_method(self) -> pulumi.Output[str]:
        """The HTTP method for `voiceUrl`. Twilio's default is POST. One of `GET`, `POST`. (Twilio docs: SIP
        Domain resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "voiceMethod")
        return value

    @property
    @pulumi.getter(name="voiceFallbackUrl")
    def voice_fallback_url(self) -> pulumi.Output[str]:
        """The URL that Twilio requests if `voiceUrl` cannot be fetched or its TwiML fails. Same rules. (Twilio
        docs: SIP Domain resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "voiceFallbackUrl")
        return value

    @property
    @pulumi.getter(name="voiceFallbackMethod")
    def voice_fallback_method(self) -> pulumi.Output[str]:
        """The HTTP method for `voiceFallbackUrl`. Twilio's default is POST. One of `GET`, `POST`. (Twilio
        docs: SIP Domain resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "voiceFallbackMethod")
        return value

    @property
    @pulumi.getter(name="statusCallback")
    def status_callback(self) -> pulumi.Output[str]:
        """The URL that Twilio requests when such a call ends. Twilio's name of this field is
        `VoiceStatusCallbackUrl`. Same rules as `voiceUrl`. (Twilio docs: SIP Domain resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "statusCallback")
        return value

    @property
    @pulumi.getter(name="statusCallbackMethod")
    def status_callback_method(self) -> pulumi.Output[str]:
        """The HTTP method for `statusCallback`. Twilio's default is POST. One of `GET`, `POST`. (Twilio docs:
        SIP Domain resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "statusCallbackMethod")
        return value

    @property
    @pulumi.getter(name="delivery")
    def delivery(self) -> pulumi.Output[Mapping[str, Any] | None]:
        """How Twilio delivers requests to these URLs: retries and time-outs. An empty object removes the
        current overrides. By default, the URLs are written without overrides. (Twilio docs: Webhooks
        connection overrides)
        """
        value: pulumi.Output[Mapping[str, Any] | None] = pulumi.get(self, "delivery")
        return value

    @property
    @pulumi.getter(name="sipRegistration")
    def sip_registration(self) -> pulumi.Output[bool]:
        """Whether phones may register, so that they can be called. Default: false. (Twilio docs: SIP Domain
        resource)
        """
        value: pulumi.Output[bool] = pulumi.get(self, "sipRegistration")
        return value

    @property
    @pulumi.getter(name="secure")
    def secure(self) -> pulumi.Output[bool]:
        """Whether Twilio requires TLS and SRTP. Twilio's default is false. (Twilio docs: SIP Domain resource)"""
        value: pulumi.Output[bool] = pulumi.get(self, "secure")
        return value

    @property
    @pulumi.getter(name="emergencyCallingEnabled")
    def emergency_calling_enabled(self) -> pulumi.Output[bool]:
        """Whether emergency calls are possible. Twilio's default is false. (Twilio docs: SIP Domain resource)"""
        value: pulumi.Output[bool] = pulumi.get(self, "emergencyCallingEnabled")
        return value

    @property
    @pulumi.getter(name="emergencyCallerSid")
    def emergency_caller_sid(self) -> pulumi.Output[str]:
        """The number (PN...) that emergency services can call back. (Twilio docs: SIP Domain resource)"""
        value: pulumi.Output[str] = pulumi.get(self, "emergencyCallerSid")
        return value

    @property
    @pulumi.getter(name="byocTrunkSid")
    def byoc_trunk_sid(self) -> pulumi.Output[str]:
        """The BYOC trunk (BY...) that the domain uses. (Twilio docs: SIP Domain resource)"""
        value: pulumi.Output[str] = pulumi.get(self, "byocTrunkSid")
        return value

    @property
    @pulumi.getter(name="credentialLists")
    def credential_lists(self) -> pulumi.Output[Sequence[str] | None]:
        """The credential lists (CL...) whose users may call. Lists that others map stay; a list that leaves
        the program is taken out again. (Twilio docs: SIP Domain resource)
        """
        value: pulumi.Output[Sequence[str] | None] = pulumi.get(self, "credentialLists")
        return value

    @property
    @pulumi.getter(name="ipAccessControlLists")
    def ip_access_control_lists(self) -> pulumi.Output[Sequence[str] | None]:
        """The IP access control lists (AL...) from whose addresses calls may come. Lists that others map stay;
        a list that leaves the program is taken out again. (Twilio docs: SIP Domain resource)
        """
        value: pulumi.Output[Sequence[str] | None] = pulumi.get(self, "ipAccessControlLists")
        return value

    @property
    @pulumi.getter(name="registrationCredentialLists")
    def registration_credential_lists(self) -> pulumi.Output[Sequence[str] | None]:
        """The credential lists (CL...) whose users may register. Lists that others map stay; a list that
        leaves the program is taken out again. (Twilio docs: SIP Domain resource)
        """
        value: pulumi.Output[Sequence[str] | None] = pulumi.get(self, "registrationCredentialLists")
        return value

    @property
    @pulumi.getter(name="adoptExisting")
    def adopt_existing(self) -> pulumi.Output[bool | None]:
        """Whether an object of that name that the account already has may be taken over. By default (false)
        the preview fails and names it. A destroy restores what was taken over and never deletes it.
        """
        value: pulumi.Output[bool | None] = pulumi.get(self, "adoptExisting")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="domainSid")
    def domain_sid(self) -> pulumi.Output[str]:
        """The domain's SID, SD..."""
        value: pulumi.Output[str] = pulumi.get(self, "domainSid")
        return value

    @property
    @pulumi.getter(name="created")
    def created(self) -> pulumi.Output[bool]:
        """Whether this program created it; if not, it is never deleted."""
        value: pulumi.Output[bool] = pulumi.get(self, "created")
        return value

    @property
    @pulumi.getter(name="original")
    def original(self) -> pulumi.Output[Mapping[str, str]]:
        """What was found when it was taken over, by Twilio's field names."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "original")
        return value

    @property
    @pulumi.getter(name="lastWritten")
    def last_written(self) -> pulumi.Output[Mapping[str, str]]:
        """What this resource has written, by the same names."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "lastWritten")
        return value

class SipCredentialList(pulumi.CustomResource):
    """A list of users who may call through a SIP domain, register at it, or use a trunk. Passwords are secrets
    in the state. Twilio never returns one; a password that was changed outside the program shows by the
    credential's date.

    Users that the program does not name stay as they are. A list that this program created is deleted with
    it, unless it has such users or a domain uses it.

    Never tried by this project on a real account.

    Args:
        resource_name: the resource's logical name.
        friendly_name: The list's name, 1 to 64 characters. Twilio does not require a unique name; this
            resource does. (Twilio docs: SIP CredentialList resource)
        credentials: The password of each user: at least 12 characters, with a digit and with upper and
            lower case letters. (Twilio docs: SIP Credential resource)
        adopt_existing: Whether an object of that name that the account already has may be taken over. By
            default (false) the preview fails and names it. A destroy restores what was taken over and never
            deletes it.
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        friendly_name: pulumi.Input[str],
        credentials: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        adopt_existing: pulumi.Input[bool] | None = None,
        account_sid: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:SipCredentialList",
            resource_name,
            {
                "friendlyName": friendly_name,
                "credentials": None if credentials is None else pulumi.Output.secret(credentials),
                "adoptExisting": adopt_existing,
                "accountSid": account_sid,
                "region": None,
                "listSid": None,
                "created": None,
                "original": None,
                "marks": None,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> SipCredentialList:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the list's SID (CL...) or its name, where only one list has it.
            opts: the engine's options.
        """
        resource = SipCredentialList.__new__(SipCredentialList)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:SipCredentialList",
            resource_name,
            {
                "friendlyName": None,
                "credentials": None,
                "adoptExisting": None,
                "accountSid": None,
                "region": None,
                "listSid": None,
                "created": None,
                "original": None,
                "marks": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="friendlyName")
    def friendly_name(self) -> pulumi.Output[str]:
        """The list's name, 1 to 64 characters. Twilio does not require a unique name; this resource does.
        (Twilio docs: SIP CredentialList resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "friendlyName")
        return value

    @property
    @pulumi.getter(name="credentials")
    def credentials(self) -> pulumi.Output[Mapping[str, str] | None]:
        """The password of each user: at least 12 characters, with a digit and with upper and lower case
        letters. (Twilio docs: SIP Credential resource)
        """
        value: pulumi.Output[Mapping[str, str] | None] = pulumi.get(self, "credentials")
        return value

    @property
    @pulumi.getter(name="adoptExisting")
    def adopt_existing(self) -> pulumi.Output[bool | None]:
        """Whether an object of that name that the account already has may be taken over. By default (false)
        the preview fails and names it. A destroy restores what was taken over and never deletes it.
        """
        value: pulumi.Output[bool | None] = pulumi.get(self, "adoptExisting")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="listSid")
    def list_sid(self) -> pulumi.Output[str]:
        """The list's SID."""
        value: pulumi.Output[str] = pulumi.get(self, "listSid")
        return value

    @property
    @pulumi.getter(name="created")
    def created(self) -> pulumi.Output[bool]:
        """Whether this program created it; if not, it is never deleted."""
        value: pulumi.Output[bool] = pulumi.get(self, "created")
        return value

    @property
    @pulumi.getter(name="original")
    def original(self) -> pulumi.Output[Mapping[str, str]]:
        """The members that it had when it was taken over."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "original")
        return value

    @property
    @pulumi.getter(name="marks")
    def marks(self) -> pulumi.Output[Mapping[str, str]]:
        """What Twilio had of each member after the last write."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "marks")
        return value

class SipIpAccessControlList(pulumi.CustomResource):
    """A list of IPv4 networks from which calls through a SIP domain, or to a trunk, may come.

    Networks that the program does not name stay as they are. A list that this program created is deleted
    with it, unless it has such networks or a domain uses it.

    Never tried by this project on a real account.

    Args:
        resource_name: the resource's logical name.
        friendly_name: The list's name, 1 to 64 characters. Twilio does not require a unique name; this
            resource does. (Twilio docs: SIP CredentialList resource)
        addresses: The name in the console of each network: `203.0.113.10/32`. (Twilio docs: SIP IpAddress
            resource)
        adopt_existing: Whether an object of that name that the account already has may be taken over. By
            default (false) the preview fails and names it. A destroy restores what was taken over and never
            deletes it.
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        friendly_name: pulumi.Input[str],
        addresses: pulumi.Input[Mapping[str, pulumi.Input[str]]] | None = None,
        adopt_existing: pulumi.Input[bool] | None = None,
        account_sid: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:SipIpAccessControlList",
            resource_name,
            {
                "friendlyName": friendly_name,
                "addresses": addresses,
                "adoptExisting": adopt_existing,
                "accountSid": account_sid,
                "region": None,
                "listSid": None,
                "created": None,
                "original": None,
                "marks": None,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> SipIpAccessControlList:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the list's SID (AL...) or its name, where only one list has it.
            opts: the engine's options.
        """
        resource = SipIpAccessControlList.__new__(SipIpAccessControlList)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:SipIpAccessControlList",
            resource_name,
            {
                "friendlyName": None,
                "addresses": None,
                "adoptExisting": None,
                "accountSid": None,
                "region": None,
                "listSid": None,
                "created": None,
                "original": None,
                "marks": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="friendlyName")
    def friendly_name(self) -> pulumi.Output[str]:
        """The list's name, 1 to 64 characters. Twilio does not require a unique name; this resource does.
        (Twilio docs: SIP CredentialList resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "friendlyName")
        return value

    @property
    @pulumi.getter(name="addresses")
    def addresses(self) -> pulumi.Output[Mapping[str, str] | None]:
        """The name in the console of each network: `203.0.113.10/32`. (Twilio docs: SIP IpAddress resource)"""
        value: pulumi.Output[Mapping[str, str] | None] = pulumi.get(self, "addresses")
        return value

    @property
    @pulumi.getter(name="adoptExisting")
    def adopt_existing(self) -> pulumi.Output[bool | None]:
        """Whether an object of that name that the account already has may be taken over. By default (false)
        the preview fails and names it. A destroy restores what was taken over and never deletes it.
        """
        value: pulumi.Output[bool | None] = pulumi.get(self, "adoptExisting")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="listSid")
    def list_sid(self) -> pulumi.Output[str]:
        """The list's SID."""
        value: pulumi.Output[str] = pulumi.get(self, "listSid")
        return value

    @property
    @pulumi.getter(name="created")
    def created(self) -> pulumi.Output[bool]:
        """Whether this program created it; if not, it is never deleted."""
        value: pulumi.Output[bool] = pulumi.get(self, "created")
        return value

    @property
    @pulumi.getter(name="original")
    def original(self) -> pulumi.Output[Mapping[str, str]]:
        """The members that it had when it was taken over."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "original")
        return value

    @property
    @pulumi.getter(name="marks")
    def marks(self) -> pulumi.Output[Mapping[str, str]]:
        """What Twilio had of each member after the last write."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "marks")
        return value

class SipTrunk(pulumi.CustomResource):
    """An Elastic SIP trunk: where the calls of its numbers go (origination URLs), what Twilio requests if none
    of these can be reached (`disasterRecoveryUrl`), and whether it records.

    A number of a trunk requests no webhook of its own. Its calls are reported by the recording default of
    the account (`AccountRecordingDefaults`) and by Event Streams only.

    Numbers, lists and origination URLs that the program does not name stay as they are. A trunk that this
    program created is deleted with it, unless numbers use it that the program did not attach; a trunk that
    it took over is restored and never deleted.

    Never tried by this project on a real account.

    Args:
        resource_name: the resource's logical name.
        friendly_name: The trunk's name, 1 to 64 characters. Twilio does not require a unique name; this
            resource does. (Twilio docs: Trunk resource)
        domain_name: The address to which a PBX sends its outgoing calls, unique among all of Twilio's
            accounts: `NAME.pstn.twilio.com`. (Twilio docs: Trunk resource)
        disaster_recovery_url: The URL that Twilio requests for TwiML if no origination URL can be reached.
            https, without trailing slash, credentials or fragment; http only for loopback addresses.
            (Twilio docs: Trunk resource)
        disaster_recovery_method: The HTTP method for it. Twilio's default is POST. One of `GET`, `POST`.
            (Twilio docs: Trunk resource)
        recording_mode: Whether the trunk records calls, and from when on. Twilio sends no callback for
            these recordings but that of the account's default. Twilio's default is do-not-record. One of
            `do-not-record`, `record-from-ringing`, `record-from-answer`, `record-from-ringing-dual`,
            `record-from-answer-dual`. (Twilio docs: Trunk resource)
        recording_trim: Whether silence at both ends is cut off. One of `trim-silence`, `do-not-trim`.
            (Twilio docs: Trunk resource)
        transfer_mode: Which transfers a PBX may ask for. Twilio's default is disable-all. One of `disable-
            all`, `enable-all`, `sip-only`. (Twilio docs: Trunk resource)
        transfer_caller_id: The caller ID of a transfer. One of `from-transferee`, `from-transferor`.
            (Twilio docs: Trunk resource)
        secure: Whether Twilio requires TLS and SRTP. Twilio's default is false. (Twilio docs: Trunk
            resource)
        cnam_lookup_enabled: Whether Twilio looks up callers' names, which is billed per call. Twilio's
            default is false. (Twilio docs: Trunk resource)
        origination_urls: Where calls to the trunk's numbers go: the lowest priority first, of equal ones by
            weight. (Twilio docs: OriginationUrl resource)
        phone_numbers: Numbers (E.164) whose calls go to the trunk. A number that a `VoiceConfiguration` of
            the program configures is refused: both sides are one association. A number that leaves the
            program leaves the trunk and has its previous trunk or TwiML App again. (Twilio docs: Trunk
            PhoneNumber resource)
        credential_lists: The credential lists (CL...) with which a PBX signs in. Lists that others map
            stay; a list that leaves the program is taken out again. (Twilio docs: Trunk resource)
        ip_access_control_lists: The IP access control lists (AL...) from which a PBX calls. Lists that
            others map stay; a list that leaves the program is taken out again. (Twilio docs: Trunk
            resource)
        replace_existing: Whether numbers may be attached that another trunk, a TwiML App or a voice URL
            answers. By default (false) the preview fails and says what answers the number.
        adopt_existing: Whether an object of that name that the account already has may be taken over. By
            default (false) the preview fails and names it. A destroy restores what was taken over and never
            deletes it.
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        friendly_name: pulumi.Input[str],
        domain_name: pulumi.Input[str] | None = None,
        disaster_recovery_url: pulumi.Input[str] | None = None,
        disaster_recovery_method: pulumi.Input[str] | None = None,
        recording_mode: pulumi.Input[str] | None = None,
        recording_trim: pulumi.Input[str] | None = None,
        transfer_mode: pulumi.Input[str] | None = None,
        transfer_caller_id: pulumi.Input[str] | None = None,
        secure: pulumi.Input[bool] | None = None,
        cnam_lookup_enabled: pulumi.Input[bool] | None = None,
        origination_urls: pulumi.Input[Sequence[pulumi.Input[OriginationUrlArgs]]] | None = None,
        phone_numbers: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        credential_lists: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        ip_access_control_lists: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        replace_existing: pulumi.Input[bool] | None = None,
        adopt_existing: pulumi.Input[bool] | None = None,
        account_sid: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:SipTrunk",
            resource_name,
            {
                "friendlyName": friendly_name,
                "domainName": domain_name,
                "disasterRecoveryUrl": disaster_recovery_url,
                "disasterRecoveryMethod": disaster_recovery_method,
                "recordingMode": recording_mode,
                "recordingTrim": recording_trim,
                "transferMode": transfer_mode,
                "transferCallerId": transfer_caller_id,
                "secure": secure,
                "cnamLookupEnabled": cnam_lookup_enabled,
                "originationUrls": schema_names(origination_urls, ListOf(_ORIGINATION_URL)),
                "phoneNumbers": phone_numbers,
                "credentialLists": credential_lists,
                "ipAccessControlLists": ip_access_control_lists,
                "replaceExisting": replace_existing,
                "adoptExisting": adopt_existing,
                "accountSid": account_sid,
                "region": None,
                "trunkSid": None,
                "created": None,
                "original": None,
                "lastWritten": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(additional_secret_outputs=['original', 'lastWritten']), opts),
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> SipTrunk:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the trunk's SID (TK...) or its name, where only one trunk has it.
            opts: the engine's options.
        """
        resource = SipTrunk.__new__(SipTrunk)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:SipTrunk",
            resource_name,
            {
                "friendlyName": None,
                "domainName": None,
                "disasterRecoveryUrl": None,
                "disasterRecoveryMethod": None,
                "recordingMode": None,
                "recordingTrim": None,
                "transferMode": None,
                "transferCallerId": None,
                "secure": None,
                "cnamLookupEnabled": None,
                "originationUrls": None,
                "phoneNumbers": None,
                "credentialLists": None,
                "ipAccessControlLists": None,
                "replaceExisting": None,
                "adoptExisting": None,
                "accountSid": None,
                "region": None,
                "trunkSid": None,
                "created": None,
                "original": None,
                "lastWritten": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="friendlyName")
    def friendly_name(self) -> pulumi.Output[str]:
        """The trunk's name, 1 to 64 characters. Twilio does not require a unique name; this resource does.
        (Twilio docs: Trunk resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "friendlyName")
        return value

    @property
    @pulumi.getter(name="domainName")
    def domain_name(self) -> pulumi.Output[str]:
        """The address to which a PBX sends its outgoing calls, unique among all of Twilio's accounts:
        `NAME.pstn.twilio.com`. (Twilio docs: Trunk resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "domainName")
        return value

    @property
    @pulumi.getter(name="disasterRecoveryUrl")
    def disaster_recovery_url(self) -> pulumi.Output[str]:
        """The URL that Twilio requests for TwiML if no origination URL can be reached. https, without trailing
        slash, credentials or fragment; http only for loopback addresses. (Twilio docs: Trunk resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "disasterRecoveryUrl")
        return value

    @property
    @pulumi.getter(name="disasterRecoveryMethod")
    def disaster_recovery_method(self) -> pulumi.Output[str]:
        """The HTTP method for it. Twilio's default is POST. One of `GET`, `POST`. (Twilio docs: Trunk
        resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "disasterRecoveryMethod")
        return value

    @property
    @pulumi.getter(name="recordingMode")
    def recording_mode(self) -> pulumi.Output[str]:
        """Whether the trunk records calls, and from when on. Twilio sends no callback for these recordings but
        that of the account's default. Twilio's default is do-not-record. One of `do-not-record`, `record-
        from-ringing`, `record-from-answer`, `record-from-ringing-dual`, `record-from-answer-dual`. (Twilio
        docs: Trunk resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "recordingMode")
        return value

    @property
    @pulumi.getter(name="recordingTrim")
    def recording_trim(self) -> pulumi.Output[str]:
        """Whether silence at both ends is cut off. One of `trim-silence`, `do-not-trim`. (Twilio docs: Trunk
        resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "recordingTrim")
        return value

    @property
    @pulumi.getter(name="transferMode")
    def transfer_mode(self) -> pulumi.Output[str]:
        """Which transfers a PBX may ask for. Twilio's default is disable-all. One of `disable-all`, `enable-
        all`, `sip-only`. (Twilio docs: Trunk resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "transferMode")
        return value

    @property
    @pulumi.getter(name="transferCallerId")
    def transfer_caller_id(self) -> pulumi.Output[str]:
        """The caller ID of a transfer. One of `from-transferee`, `from-transferor`. (Twilio docs: Trunk
        resource)
        """
        value: pulumi.Output[str] = pulumi.get(self, "transferCallerId")
        return value

    @property
    @pulumi.getter(name="secure")
    def secure(self) -> pulumi.Output[bool]:
        """Whether Twilio requires TLS and SRTP. Twilio's default is false. (Twilio docs: Trunk resource)"""
        value: pulumi.Output[bool] = pulumi.get(self, "secure")
        return value

    @property
    @pulumi.getter(name="cnamLookupEnabled")
    def cnam_lookup_enabled(self) -> pulumi.Output[bool]:
        """Whether Twilio looks up callers' names, which is billed per call. Twilio's default is false. (Twilio
        docs: Trunk resource)
        """
        value: pulumi.Output[bool] = pulumi.get(self, "cnamLookupEnabled")
        return value

    @property
    @pulumi.getter(name="originationUrls")
    def origination_urls(self) -> pulumi.Output[Sequence[Mapping[str, Any]] | None]:
        """Where calls to the trunk's numbers go: the lowest priority first, of equal ones by weight. (Twilio
        docs: OriginationUrl resource)
        """
        value: pulumi.Output[Sequence[Mapping[str, Any]] | None] = pulumi.get(self, "originationUrls")
        return value

    @property
    @pulumi.getter(name="phoneNumbers")
    def phone_numbers(self) -> pulumi.Output[Sequence[str] | None]:
        """Numbers (E.164) whose calls go to the trunk. A number that a `VoiceConfiguration` of the program
        configures is refused: both sides are one association. A number that leaves the program leaves the
        trunk and has its previous trunk or TwiML App again. (Twilio docs: Trunk PhoneNumber resource)
        """
        value: pulumi.Output[Sequence[str] | None] = pulumi.get(self, "phoneNumbers")
        return value

    @property
    @pulumi.getter(name="credentialLists")
    def credential_lists(self) -> pulumi.Output[Sequence[str] | None]:
        """The credential lists (CL...) with which a PBX signs in. Lists that others map stay; a list that
        leaves the program is taken out again. (Twilio docs: Trunk resource)
        """
        value: pulumi.Output[Sequence[str] | None] = pulumi.get(self, "credentialLists")
        return value

    @property
    @pulumi.getter(name="ipAccessControlLists")
    def ip_access_control_lists(self) -> pulumi.Output[Sequence[str] | None]:
        """The IP access control lists (AL...) from which a PBX calls. Lists that others map stay; a list that
        leaves the program is taken out again. (Twilio docs: Trunk resource)
        """
        value: pulumi.Output[Sequence[str] | None] = pulumi.get(self, "ipAccessControlLists")
        return value

    @property
    @pulumi.getter(name="replaceExisting")
    def replace_existing(self) -> pulumi.Output[bool | None]:
        """Whether numbers may be attached that another trunk, a TwiML App or a voice URL answers. By default
        (false) the preview fails and says what answers the number.
        """
        value: pulumi.Output[bool | None] = pulumi.get(self, "replaceExisting")
        return value

    @property
    @pulumi.getter(name="adoptExisting")
    def adopt_existing(self) -> pulumi.Output[bool | None]:
        """Whether an object of that name that the account already has may be taken over. By default (false)
        the preview fails and names it. A destroy restores what was taken over and never deletes it.
        """
        value: pulumi.Output[bool | None] = pulumi.get(self, "adoptExisting")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="trunkSid")
    def trunk_sid(self) -> pulumi.Output[str]:
        """The trunk's SID, TK..."""
        value: pulumi.Output[str] = pulumi.get(self, "trunkSid")
        return value

    @property
    @pulumi.getter(name="created")
    def created(self) -> pulumi.Output[bool]:
        """Whether this program created it; if not, it is never deleted."""
        value: pulumi.Output[bool] = pulumi.get(self, "created")
        return value

    @property
    @pulumi.getter(name="original")
    def original(self) -> pulumi.Output[Mapping[str, str]]:
        """What was found when it was taken over, by Twilio's field names."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "original")
        return value

    @property
    @pulumi.getter(name="lastWritten")
    def last_written(self) -> pulumi.Output[Mapping[str, str]]:
        """What this resource has written, by the same names."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "lastWritten")
        return value

class Subaccount(pulumi.CustomResource):
    """A subaccount of the account of the provider's credentials, for example for one customer. Pass its
    `subaccountSid` to other resources as `accountSid` to manage them in it.

    Closing an account is final: Twilio releases its phone numbers, and nobody can reopen it. So deleting
    the resource leaves the account as it is, unless `onDelete` says something else. An account that this
    resource did not create is never closed, nor one that still has phone numbers.

    The state does not contain the account's auth token. An `ApiKey` in the subaccount gives other programs
    access to it. By default Twilio allows 1,000 subaccounts.

    Args:
        resource_name: the resource's logical name.
        friendly_name: The account's name, 1 to 64 characters. Twilio does not require a unique name.
            (Twilio docs: Subaccounts)
        status: `active` or `suspended`. A suspended account neither makes nor answers calls, keeps its
            phone numbers, and can be activated again. By default the status is left as it is. (Twilio docs:
            Subaccounts)
        on_delete: What deleting the resource does. `keep` (default) leaves an account that this resource
            created as it is, and restores the previous name and status of an imported one. `suspend`
            suspends it. `close` closes it for ever; if it still has phone numbers, the delete fails and
            names them.
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        friendly_name: pulumi.Input[str],
        status: pulumi.Input[str] | None = None,
        on_delete: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:Subaccount",
            resource_name,
            {
                "friendlyName": friendly_name,
                "status": status,
                "onDelete": on_delete,
                "accountSid": None,
                "region": None,
                "subaccountSid": None,
                "original": None,
                "lastWritten": None,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> Subaccount:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the subaccount's SID (AC...).
            opts: the engine's options.
        """
        resource = Subaccount.__new__(Subaccount)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:Subaccount",
            resource_name,
            {
                "friendlyName": None,
                "status": None,
                "onDelete": None,
                "accountSid": None,
                "region": None,
                "subaccountSid": None,
                "original": None,
                "lastWritten": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="friendlyName")
    def friendly_name(self) -> pulumi.Output[str]:
        """The account's name, 1 to 64 characters. Twilio does not require a unique name. (Twilio docs:
        Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "friendlyName")
        return value

    @property
    @pulumi.getter(name="status")
    def status(self) -> pulumi.Output[str]:
        """`active` or `suspended`. A suspended account neither makes nor answers calls, keeps its phone
        numbers, and can be activated again. By default the status is left as it is. (Twilio docs:
        Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "status")
        return value

    @property
    @pulumi.getter(name="onDelete")
    def on_delete(self) -> pulumi.Output[str | None]:
        """What deleting the resource does. `keep` (default) leaves an account that this resource created as it
        is, and restores the previous name and status of an imported one. `suspend` suspends it. `close`
        closes it for ever; if it still has phone numbers, the delete fails and names them.
        """
        value: pulumi.Output[str | None] = pulumi.get(self, "onDelete")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that owns the subaccount, AC..."""
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="subaccountSid")
    def subaccount_sid(self) -> pulumi.Output[str]:
        """The subaccount's SID, AC..."""
        value: pulumi.Output[str] = pulumi.get(self, "subaccountSid")
        return value

    @property
    @pulumi.getter(name="original")
    def original(self) -> pulumi.Output[Mapping[str, str]]:
        """The name and status of an imported account, by Twilio's field names; empty if this program created
        the account.
        """
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "original")
        return value

    @property
    @pulumi.getter(name="lastWritten")
    def last_written(self) -> pulumi.Output[Mapping[str, str]]:
        """The fields of the last update."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "lastWritten")
        return value

class ApiKey(pulumi.CustomResource):
    """A standard API key, with which a program signs in at Twilio without the account's auth token. Twilio
    returns the key's secret once, when the key is created. The state keeps it as a Pulumi secret, so it is
    encrypted there and masked on every screen.

    Deleting the resource revokes the key. An imported key is not revoked, and its secret is not known:
    nobody can read it from Twilio. The key that the provider itself signs in with is never revoked. To
    replace a key by a new one, run `pulumi up --replace` with the resource's URN.

    Creating a key needs the account's auth token or a main key. A standard key opens everything except
    accounts and keys. This resource does not create main or restricted keys.

    Args:
        resource_name: the resource's logical name.
        friendly_name: The key's name in the console, 1 to 64 characters. Twilio does not require a unique
            name. (Twilio docs: API keys)
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        friendly_name: pulumi.Input[str],
        account_sid: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:ApiKey",
            resource_name,
            {
                "friendlyName": friendly_name,
                "accountSid": account_sid,
                "region": None,
                "apiKeySid": None,
                "secret": None,
                "original": None,
                "lastWritten": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(additional_secret_outputs=['secret']), opts),
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> ApiKey:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the key's SID (SK...).
            opts: the engine's options.
        """
        resource = ApiKey.__new__(ApiKey)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:ApiKey",
            resource_name,
            {
                "friendlyName": None,
                "accountSid": None,
                "region": None,
                "apiKeySid": None,
                "secret": None,
                "original": None,
                "lastWritten": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="friendlyName")
    def friendly_name(self) -> pulumi.Output[str]:
        """The key's name in the console, 1 to 64 characters. Twilio does not require a unique name. (Twilio
        docs: API keys)
        """
        value: pulumi.Output[str] = pulumi.get(self, "friendlyName")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="apiKeySid")
    def api_key_sid(self) -> pulumi.Output[str]:
        """The key's SID, SK...: the user name to sign in with."""
        value: pulumi.Output[str] = pulumi.get(self, "apiKeySid")
        return value

    @property
    @pulumi.getter(name="secret")
    def secret(self) -> pulumi.Output[str]:
        """The key's secret: the password to sign in with. An imported key has none here."""
        value: pulumi.Output[str] = pulumi.get(self, "secret")
        return value

    @property
    @pulumi.getter(name="original")
    def original(self) -> pulumi.Output[Mapping[str, str]]:
        """The key's name when it was imported, by Twilio's field name; empty if this program created it."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "original")
        return value

    @property
    @pulumi.getter(name="lastWritten")
    def last_written(self) -> pulumi.Output[Mapping[str, str]]:
        """The name of the last update."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "lastWritten")
        return value

class WebhookSharedKey(pulumi.CustomResource):
    """A key with which Twilio signs webhook requests instead of the account's auth token, by HMAC-SHA256. A
    `WebhookSetting` names the key, and a `WebhookRule` decides which URLs that setting is for. The receiver
    finds the key's ID in the header `X-Twilio-Webhooks-Signature-Settings`.

    To rotate a key, add another key under another name, let the receiver accept both, and let the rule's
    setting name the new one. Then remove the old key. Pulumi deletes it after everything that used it.

    Twilio shows the secret once, so a key cannot be imported. Twilio's webhooks API is in public beta, and
    was never tried by this project on a real account.

    Args:
        resource_name: the resource's logical name.
        friendly_name: The name in the console, at most 255 characters. (Twilio docs: Webhook settings)
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        friendly_name: pulumi.Input[str] | None = None,
        account_sid: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:WebhookSharedKey",
            resource_name,
            {
                "friendlyName": friendly_name,
                "accountSid": account_sid,
                "region": None,
                "keyId": None,
                "secret": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(additional_secret_outputs=['secret']), opts),
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> WebhookSharedKey:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: nothing: a key cannot be imported, because Twilio does not show its secret again.
            opts: the engine's options.
        """
        resource = WebhookSharedKey.__new__(WebhookSharedKey)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:WebhookSharedKey",
            resource_name,
            {
                "friendlyName": None,
                "accountSid": None,
                "region": None,
                "keyId": None,
                "secret": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="friendlyName")
    def friendly_name(self) -> pulumi.Output[str | None]:
        """The name in the console, at most 255 characters. (Twilio docs: Webhook settings)"""
        value: pulumi.Output[str | None] = pulumi.get(self, "friendlyName")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="keyId")
    def key_id(self) -> pulumi.Output[str]:
        """The key's ID, webhooks_sharedkey_..."""
        value: pulumi.Output[str] = pulumi.get(self, "keyId")
        return value

    @property
    @pulumi.getter(name="secret")
    def secret(self) -> pulumi.Output[str]:
        """The key's secret."""
        value: pulumi.Output[str] = pulumi.get(self, "secret")
        return value

class WebhookSetting(pulumi.CustomResource):
    """How Twilio signs and delivers webhook requests. It has no effect until a `WebhookRule` names it. Twilio
    changes only the texts of a setting, so any other change creates another setting, to which the rule
    moves before the old one is deleted.

    A setting's delivery takes precedence over the connection overrides of a URL. Without retries in it
    Twilio does not retry, so give `delivery` with what the URLs asked for. Twilio's webhooks API is in
    public beta, and was never tried by this project on a real account.

    Args:
        resource_name: the resource's logical name.
        friendly_name: The name in the console, at most 255 characters. (Twilio docs: Webhook settings)
        description: What the setting is for, at most 1024 characters. (Twilio docs: Webhook settings)
        shared_key_id: The ID of the `WebhookSharedKey` that signs. Absent: the account's auth token signs.
            (Twilio docs: Webhook settings)
        signature_type: Twilio's word for a signature with a shared key. It is not documented, so none is
            sent unless it is given. (Twilio docs: Webhook settings)
        auth_scheme: The scheme with which Twilio signs in at the receiver. Default: `NONE`, the word for no
            sign-in, which is not confirmed. (Twilio docs: Webhook settings)
        delivery: Retries and time-outs. `edges` is not possible here. (Twilio docs: Webhook settings)
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        friendly_name: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        shared_key_id: pulumi.Input[str] | None = None,
        signature_type: pulumi.Input[str] | None = None,
        auth_scheme: pulumi.Input[str] | None = None,
        delivery: pulumi.Input[DeliveryArgs] | None = None,
        account_sid: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:WebhookSetting",
            resource_name,
            {
                "friendlyName": friendly_name,
                "description": description,
                "sharedKeyId": shared_key_id,
                "signatureType": signature_type,
                "authScheme": auth_scheme,
                "delivery": schema_names(delivery, _DELIVERY),
                "accountSid": account_sid,
                "region": None,
                "settingId": None,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> WebhookSetting:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the setting's ID, webhooks_setting_....
            opts: the engine's options.
        """
        resource = WebhookSetting.__new__(WebhookSetting)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:WebhookSetting",
            resource_name,
            {
                "friendlyName": None,
                "description": None,
                "sharedKeyId": None,
                "signatureType": None,
                "authScheme": None,
                "delivery": None,
                "accountSid": None,
                "region": None,
                "settingId": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="friendlyName")
    def friendly_name(self) -> pulumi.Output[str | None]:
        """The name in the console, at most 255 characters. (Twilio docs: Webhook settings)"""
        value: pulumi.Output[str | None] = pulumi.get(self, "friendlyName")
        return value

    @property
    @pulumi.getter(name="description")
    def description(self) -> pulumi.Output[str | None]:
        """What the setting is for, at most 1024 characters. (Twilio docs: Webhook settings)"""
        value: pulumi.Output[str | None] = pulumi.get(self, "description")
        return value

    @property
    @pulumi.getter(name="sharedKeyId")
    def shared_key_id(self) -> pulumi.Output[str | None]:
        """The ID of the `WebhookSharedKey` that signs. Absent: the account's auth token signs. (Twilio docs:
        Webhook settings)
        """
        value: pulumi.Output[str | None] = pulumi.get(self, "sharedKeyId")
        return value

    @property
    @pulumi.getter(name="signatureType")
    def signature_type(self) -> pulumi.Output[str | None]:
        """Twilio's word for a signature with a shared key. It is not documented, so none is sent unless it is
        given. (Twilio docs: Webhook settings)
        """
        value: pulumi.Output[str | None] = pulumi.get(self, "signatureType")
        return value

    @property
    @pulumi.getter(name="authScheme")
    def auth_scheme(self) -> pulumi.Output[str | None]:
        """The scheme with which Twilio signs in at the receiver. Default: `NONE`, the word for no sign-in,
        which is not confirmed. (Twilio docs: Webhook settings)
        """
        value: pulumi.Output[str | None] = pulumi.get(self, "authScheme")
        return value

    @property
    @pulumi.getter(name="delivery")
    def delivery(self) -> pulumi.Output[Mapping[str, Any] | None]:
        """Retries and time-outs. `edges` is not possible here. (Twilio docs: Webhook settings)"""
        value: pulumi.Output[Mapping[str, Any] | None] = pulumi.get(self, "delivery")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="settingId")
    def setting_id(self) -> pulumi.Output[str]:
        """The setting's ID, webhooks_setting_..."""
        value: pulumi.Output[str] = pulumi.get(self, "settingId")
        return value

class WebhookRule(pulumi.CustomResource):
    """The setting with which Twilio signs and delivers the requests to some URLs. The rule with the longest
    exact match counts, then the one with the longest prefix, then the account's default rule.

    Before the rule names a setting, Twilio sends a signed request through that setting to each of
    `testUrls`. If one of them does not accept it, the rule stays as it is. An update ends when the rule is
    in effect in all of Twilio's locations, which takes 30 to 60 seconds.

    An account has one rule per match. A rule that this program did not create is not changed unless
    `replaceExisting` is true. Deleting the resource then restores it. A rule that was changed outside this
    stack since the last update stays as it is. Twilio's webhooks API is in public beta, and was never tried
    by this project on a real account.

    Args:
        resource_name: the resource's logical name.
        match_type: `EXACT_MATCH`, `PREFIX_MATCH` or `DEFAULT`, which matches every URL without another
            rule. One of `EXACT_MATCH`, `PREFIX_MATCH`, `DEFAULT`. (Twilio docs: Webhook rules)
        settings: One or two settings, whose shares sum to 100. (Twilio docs: Webhook rules)
        friendly_name: The name in the console, at most 255 characters. (Twilio docs: Webhook settings)
        description: What the rule is for, at most 1024 characters. (Twilio docs: Webhook settings)
        url: The URL that must match, without a slash at its end; with `PREFIX_MATCH` its beginning, with a
            slash at the end. Absent with `DEFAULT`. (Twilio docs: Webhook rules)
        test_urls: URLs that must accept Twilio's test request, a GET, before the rule names a setting.
        replace_existing: Whether a rule for the same match that this program did not create may be changed.
        account_sid: The account that the resource is in, AC... The default is the account of the provider's
            credentials. Give the SID of one of its subaccounts to manage a resource there. The provider
            then needs the main account's auth token: Twilio denies its API keys access to subaccounts.
            (Twilio docs: Subaccounts)
        opts: the engine's options.
    """

    def __init__(
        self,
        resource_name: str,
        *,
        match_type: pulumi.Input[str],
        settings: pulumi.Input[Sequence[pulumi.Input[WebhookRuleSettingArgs]]],
        friendly_name: pulumi.Input[str] | None = None,
        description: pulumi.Input[str] | None = None,
        url: pulumi.Input[str] | None = None,
        test_urls: pulumi.Input[Sequence[pulumi.Input[str]]] | None = None,
        replace_existing: pulumi.Input[bool] | None = None,
        account_sid: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(
            "twilio:index:WebhookRule",
            resource_name,
            {
                "friendlyName": friendly_name,
                "description": description,
                "matchType": match_type,
                "url": url,
                "settings": schema_names(settings, ListOf(_WEBHOOK_RULE_SETTING)),
                "testUrls": test_urls,
                "replaceExisting": replace_existing,
                "accountSid": account_sid,
                "region": None,
                "ruleId": None,
                "original": None,
                "lastWritten": None,
            },
            opts,
        )

    @staticmethod
    def get(
        resource_name: str,
        id: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> WebhookRule:
        """Read an existing object and manage nothing of it.

        Args:
            resource_name: the logical name.
            id: the rule's ID, webhooks_rule_....
            opts: the engine's options.
        """
        resource = WebhookRule.__new__(WebhookRule)
        pulumi.CustomResource.__init__(
            resource,
            "twilio:index:WebhookRule",
            resource_name,
            {
                "friendlyName": None,
                "description": None,
                "matchType": None,
                "url": None,
                "settings": None,
                "replaceExisting": None,
                "accountSid": None,
                "region": None,
                "ruleId": None,
                "original": None,
                "lastWritten": None,
            },
            pulumi.ResourceOptions.merge(pulumi.ResourceOptions(id=id), opts),
        )
        return resource

    @property
    @pulumi.getter(name="friendlyName")
    def friendly_name(self) -> pulumi.Output[str | None]:
        """The name in the console, at most 255 characters. (Twilio docs: Webhook settings)"""
        value: pulumi.Output[str | None] = pulumi.get(self, "friendlyName")
        return value

    @property
    @pulumi.getter(name="description")
    def description(self) -> pulumi.Output[str | None]:
        """What the rule is for, at most 1024 characters. (Twilio docs: Webhook settings)"""
        value: pulumi.Output[str | None] = pulumi.get(self, "description")
        return value

    @property
    @pulumi.getter(name="matchType")
    def match_type(self) -> pulumi.Output[str]:
        """`EXACT_MATCH`, `PREFIX_MATCH` or `DEFAULT`, which matches every URL without another rule. One of
        `EXACT_MATCH`, `PREFIX_MATCH`, `DEFAULT`. (Twilio docs: Webhook rules)
        """
        value: pulumi.Output[str] = pulumi.get(self, "matchType")
        return value

    @property
    @pulumi.getter(name="url")
    def url(self) -> pulumi.Output[str | None]:
        """The URL that must match, without a slash at its end; with `PREFIX_MATCH` its beginning, with a slash
        at the end. Absent with `DEFAULT`. (Twilio docs: Webhook rules)
        """
        value: pulumi.Output[str | None] = pulumi.get(self, "url")
        return value

    @property
    @pulumi.getter(name="settings")
    def settings(self) -> pulumi.Output[Sequence[Mapping[str, Any]]]:
        """One or two settings, whose shares sum to 100. (Twilio docs: Webhook rules)"""
        value: pulumi.Output[Sequence[Mapping[str, Any]]] = pulumi.get(self, "settings")
        return value

    @property
    @pulumi.getter(name="replaceExisting")
    def replace_existing(self) -> pulumi.Output[bool | None]:
        """Whether a rule for the same match that this program did not create may be changed."""
        value: pulumi.Output[bool | None] = pulumi.get(self, "replaceExisting")
        return value

    @property
    @pulumi.getter(name="accountSid")
    def account_sid(self) -> pulumi.Output[str]:
        """The account that the resource is in, AC... The default is the account of the provider's credentials.
        Give the SID of one of its subaccounts to manage a resource there. The provider then needs the main
        account's auth token: Twilio denies its API keys access to subaccounts. (Twilio docs: Subaccounts)
        """
        value: pulumi.Output[str] = pulumi.get(self, "accountSid")
        return value

    @property
    @pulumi.getter(name="region")
    def region(self) -> pulumi.Output[str]:
        """The Twilio Region that stores it, `us1` by default."""
        value: pulumi.Output[str] = pulumi.get(self, "region")
        return value

    @property
    @pulumi.getter(name="ruleId")
    def rule_id(self) -> pulumi.Output[str]:
        """The rule's ID, webhooks_rule_..."""
        value: pulumi.Output[str] = pulumi.get(self, "ruleId")
        return value

    @property
    @pulumi.getter(name="original")
    def original(self) -> pulumi.Output[Mapping[str, str]]:
        """The rule when it was adopted; empty if this program created it."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "original")
        return value

    @property
    @pulumi.getter(name="lastWritten")
    def last_written(self) -> pulumi.Output[Mapping[str, str]]:
        """The rule as it was last written."""
        value: pulumi.Output[Mapping[str, str]] = pulumi.get(self, "lastWritten")
        return value

class GetPhoneNumberResult:
    """What :func:`get_phone_number` returns."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        self.phone_number_sid: str = result["phoneNumberSid"]
        """The number's SID, PN..."""
        self.phone_number: str = result["phoneNumber"]
        """The number in E.164 format."""
        self.friendly_name: str = result["friendlyName"]
        """The name in the console."""
        self.voice: bool = result["voice"]
        """Whether the number can receive and make calls."""
        self.voice_url: str = result["voiceUrl"]
        """The URL that Twilio requests for TwiML when a call comes in; empty if not set."""
        self.voice_method: str = result["voiceMethod"]
        """Its HTTP method."""
        self.voice_fallback_url: str = result["voiceFallbackUrl"]
        """The URL that Twilio requests if the voice URL fails; empty if not set."""
        self.voice_fallback_method: str = result["voiceFallbackMethod"]
        """Its HTTP method."""
        self.status_callback: str = result["statusCallback"]
        """The URL that Twilio requests when a call ends; empty if not set."""
        self.status_callback_method: str = result["statusCallbackMethod"]
        """Its HTTP method."""
        self.voice_caller_id_lookup: bool = result["voiceCallerIdLookup"]
        """Whether Twilio looks up the caller's name."""
        self.voice_application_sid: str = result["voiceApplicationSid"]
        """The number's TwiML App, AP...; empty if not set."""
        self.trunk_sid: str = result["trunkSid"]
        """The number's trunk, TK...; empty if not set."""


def get_phone_number(*, phone_number: str, account_sid: str | None = None, opts: pulumi.InvokeOptions | None = None) -> GetPhoneNumberResult:
    """Looks up a phone number that the account owns.

    Args:
        phone_number: The E.164 number or the SID (PN...).
        account_sid: The account to look in, AC...: that of the provider's credentials by default, or one of
            its subaccounts. (Twilio docs: Subaccounts)
    """
    answer = pulumi.runtime.invoke("twilio:index:getPhoneNumber", {"phoneNumber": phone_number, "accountSid": account_sid}, opts)
    return GetPhoneNumberResult(answer.value or {})


def get_phone_number_output(*, phone_number: pulumi.Input[str], account_sid: pulumi.Input[str] | None = None, opts: pulumi.InvokeOptions | None = None) -> pulumi.Output[GetPhoneNumberResult]:
    """The same as :func:`get_phone_number`, for arguments that are outputs."""
    answer = pulumi.runtime.invoke_output("twilio:index:getPhoneNumber", {"phoneNumber": phone_number, "accountSid": account_sid}, opts)
    return answer.apply(GetPhoneNumberResult)

class GetPhoneNumbersResult:
    """What :func:`get_phone_numbers` returns."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        self.phone_numbers: Sequence[Mapping[str, Any]] = result["phoneNumbers"]
        """The numbers."""


def get_phone_numbers(*, account_sid: str | None = None, opts: pulumi.InvokeOptions | None = None) -> GetPhoneNumbersResult:
    """Lists the phone numbers that the account owns, sorted by number.

    Args:
        account_sid: The account to look in, AC...: that of the provider's credentials by default, or one of
            its subaccounts. (Twilio docs: Subaccounts)
    """
    answer = pulumi.runtime.invoke("twilio:index:getPhoneNumbers", {"accountSid": account_sid}, opts)
    return GetPhoneNumbersResult(answer.value or {})


def get_phone_numbers_output(*, account_sid: pulumi.Input[str] | None = None, opts: pulumi.InvokeOptions | None = None) -> pulumi.Output[GetPhoneNumbersResult]:
    """The same as :func:`get_phone_numbers`, for arguments that are outputs."""
    answer = pulumi.runtime.invoke_output("twilio:index:getPhoneNumbers", {"accountSid": account_sid}, opts)
    return answer.apply(GetPhoneNumbersResult)

class GetApplicationResult:
    """What :func:`get_application` returns."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        self.application_sid: str = result["applicationSid"]
        """The app's SID, AP..."""
        self.friendly_name: str = result["friendlyName"]
        """The app's name."""
        self.voice_url: str = result["voiceUrl"]
        """The URL that Twilio requests for TwiML when a call comes in; empty if not set."""
        self.voice_method: str = result["voiceMethod"]
        """Its HTTP method."""
        self.voice_fallback_url: str = result["voiceFallbackUrl"]
        """The URL that Twilio requests if the voice URL fails; empty if not set."""
        self.voice_fallback_method: str = result["voiceFallbackMethod"]
        """Its HTTP method."""
        self.status_callback: str = result["statusCallback"]
        """The URL that Twilio requests when a call ends; empty if not set."""
        self.status_callback_method: str = result["statusCallbackMethod"]
        """Its HTTP method."""
        self.voice_caller_id_lookup: bool = result["voiceCallerIdLookup"]
        """Whether Twilio looks up the caller's name."""


def get_application(*, application: str, account_sid: str | None = None, opts: pulumi.InvokeOptions | None = None) -> GetApplicationResult:
    """Looks up a TwiML App by its name or SID.

    Args:
        application: The name or the SID (AP...).
        account_sid: The account to look in, AC...: that of the provider's credentials by default, or one of
            its subaccounts. (Twilio docs: Subaccounts)
    """
    answer = pulumi.runtime.invoke("twilio:index:getApplication", {"application": application, "accountSid": account_sid}, opts)
    return GetApplicationResult(answer.value or {})


def get_application_output(*, application: pulumi.Input[str], account_sid: pulumi.Input[str] | None = None, opts: pulumi.InvokeOptions | None = None) -> pulumi.Output[GetApplicationResult]:
    """The same as :func:`get_application`, for arguments that are outputs."""
    answer = pulumi.runtime.invoke_output("twilio:index:getApplication", {"application": application, "accountSid": account_sid}, opts)
    return answer.apply(GetApplicationResult)

class GetApplicationsResult:
    """What :func:`get_applications` returns."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        self.applications: Sequence[Mapping[str, Any]] = result["applications"]
        """The apps."""


def get_applications(*, account_sid: str | None = None, opts: pulumi.InvokeOptions | None = None) -> GetApplicationsResult:
    """Lists the TwiML Apps of the account, sorted by name and SID.

    Args:
        account_sid: The account to look in, AC...: that of the provider's credentials by default, or one of
            its subaccounts. (Twilio docs: Subaccounts)
    """
    answer = pulumi.runtime.invoke("twilio:index:getApplications", {"accountSid": account_sid}, opts)
    return GetApplicationsResult(answer.value or {})


def get_applications_output(*, account_sid: pulumi.Input[str] | None = None, opts: pulumi.InvokeOptions | None = None) -> pulumi.Output[GetApplicationsResult]:
    """The same as :func:`get_applications`, for arguments that are outputs."""
    answer = pulumi.runtime.invoke_output("twilio:index:getApplications", {"accountSid": account_sid}, opts)
    return answer.apply(GetApplicationsResult)

class GetStudioFlowResult:
    """What :func:`get_studio_flow` returns."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        self.flow_sid: str = result["flowSid"]
        """The flow's SID, FW..."""
        self.friendly_name: str = result["friendlyName"]
        """The flow's name."""
        self.status: str = result["status"]
        """`published`, or `draft`: a draft takes no calls."""
        self.webhook_url: str = result["webhookUrl"]
        """The URL that runs the flow."""


def get_studio_flow(*, flow: str, account_sid: str | None = None, opts: pulumi.InvokeOptions | None = None) -> GetStudioFlowResult:
    """Looks up a Studio flow by its name or SID. Its `webhookUrl` is what a number's `voiceUrl` is set to, so
    that the flow takes the number's calls.

    Args:
        flow: The name or the SID (FW...).
        account_sid: The account to look in, AC...: that of the provider's credentials by default, or one of
            its subaccounts. (Twilio docs: Subaccounts)
    """
    answer = pulumi.runtime.invoke("twilio:index:getStudioFlow", {"flow": flow, "accountSid": account_sid}, opts)
    return GetStudioFlowResult(answer.value or {})


def get_studio_flow_output(*, flow: pulumi.Input[str], account_sid: pulumi.Input[str] | None = None, opts: pulumi.InvokeOptions | None = None) -> pulumi.Output[GetStudioFlowResult]:
    """The same as :func:`get_studio_flow`, for arguments that are outputs."""
    answer = pulumi.runtime.invoke_output("twilio:index:getStudioFlow", {"flow": flow, "accountSid": account_sid}, opts)
    return answer.apply(GetStudioFlowResult)

class GetWebhookRuleResult:
    """What :func:`get_webhook_rule` returns."""

    def __init__(self, result: Mapping[str, Any]) -> None:
        self.rule_id: str = result["ruleId"]
        """The rule's ID, webhooks_rule_...; empty if no rule applies."""
        self.friendly_name: str = result["friendlyName"]
        """The rule's name."""
        self.signed_by: Sequence[str] = result["signedBy"]
        """Of each of the rule's settings, the ID of the shared key that signs; empty for the token."""


def get_webhook_rule(*, url: str, account_sid: str | None = None, opts: pulumi.InvokeOptions | None = None) -> GetWebhookRuleResult:
    """Looks up the webhook rule that applies to a URL, and what signs the requests to it. All results are
    empty if no rule applies: then the account's auth token signs. Twilio's webhooks API is in public beta,
    and was never tried by this project on a real account.

    Args:
        url: The URL, without a query and a fragment.
        account_sid: The account to look in, AC...: that of the provider's credentials by default, or one of
            its subaccounts. (Twilio docs: Subaccounts)
    """
    answer = pulumi.runtime.invoke("twilio:index:getWebhookRule", {"url": url, "accountSid": account_sid}, opts)
    return GetWebhookRuleResult(answer.value or {})


def get_webhook_rule_output(*, url: pulumi.Input[str], account_sid: pulumi.Input[str] | None = None, opts: pulumi.InvokeOptions | None = None) -> pulumi.Output[GetWebhookRuleResult]:
    """The same as :func:`get_webhook_rule`, for arguments that are outputs."""
    answer = pulumi.runtime.invoke_output("twilio:index:getWebhookRule", {"url": url, "accountSid": account_sid}, opts)
    return answer.apply(GetWebhookRuleResult)
