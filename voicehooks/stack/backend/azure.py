"""`azblob://`: the options of the address, and the credentials in the Pulumi CLI's own order.

Keys, tokens and connection strings have other variables in the CLI than in obstore; identities obstore finds
itself.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from voicehooks.stack.backend.bucket import Store
from voicehooks.stack.backend.protocol import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicehooks.stack.backend.address import Address

__all__ = ["store"]

# Each of them lets obstore sign in by itself: an application, a workload's identity, a machine's identity.
_IDENTITIES = ("AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE", "IDENTITY_ENDPOINT", "MSI_ENDPOINT")
_ADVICE = (
    "set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or sign in with az login, as somebody who "
    "may list and read it"
)


def store(address: Address, variables: Mapping[str, str]) -> Store:
    """Return how the container is opened.

    Raises:
        Unreadable: an option is not understood, or the storage account is not named.
    """
    address.only({"storage_account", "domain", "protocol", "cdn", "localemu"})
    text = variables.get("AZURE_STORAGE_CONNECTION_STRING") or variables.get(
        "AZURE_STORAGEBLOB_CONNECTIONSTRING", ""
    )
    connection = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    named = address.options.get("storage_account") or variables.get("AZURE_STORAGE_ACCOUNT")
    account = named or connection.get("AccountName")
    if not account:
        raise Unreadable(
            "no storage account is named",
            "set AZURE_STORAGE_ACCOUNT, or add ?storage_account=NAME to the address",
        )
    endpoint = _service(address, account, variables, connection)
    key = variables.get("AZURE_STORAGE_KEY") if variables.get("AZURE_STORAGE_ACCOUNT") else None
    token = variables.get("AZURE_STORAGE_SAS_TOKEN")
    if not key and not token:
        # Where the connection string is what signs in, it also says where to.
        key, token = connection.get("AccountKey"), connection.get("SharedAccessSignature")
        endpoint = connection.get("BlobEndpoint") or endpoint
    config: dict[str, Any] = {"account_name": account, "endpoint": endpoint.rstrip("/")}
    if key:
        config["account_key"] = key
    elif token:
        config["sas_key"] = token.removeprefix("?")
    elif not any(map(variables.get, _IDENTITIES)) and shutil.which("az", path=variables.get("PATH")):
        config["use_azure_cli"] = True
    return Store(config, advice=_ADVICE)


def _service(
    address: Address, account: str, variables: Mapping[str, str], connection: Mapping[str, str]
) -> str:
    """The address of the service (Go CDK: azureblob.NewServiceURL)."""

    def said(option: str, variable: str) -> str | None:
        return address.options.get(option) or variables.get(variable)

    def is_set(option: str, variable: str) -> bool:
        return address.flag(option, default=variables.get(variable, "").lower() in {"1", "t", "true"})

    domain = said("domain", "AZURE_STORAGE_DOMAIN") or "blob.core.windows.net"
    protocol = (
        said("protocol", "AZURE_STORAGE_PROTOCOL") or connection.get("DefaultEndpointsProtocol") or "https"
    )
    if is_set("localemu", "AZURE_STORAGE_IS_LOCAL_EMULATOR") or domain.startswith(("127.0.0.1", "localhost")):
        return f"{protocol}://{domain}/{account}"
    if is_set("cdn", "AZURE_STORAGE_IS_CDN"):
        return f"{protocol}://{domain}"
    return f"{protocol}://{account}.{domain}"
