"""`azblob://`: the options of the address, and the credentials in the Pulumi CLI's own order."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from voicehooks.stack.backend.address import Store
from voicehooks.stack.backend.protocol import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicehooks.stack.backend.address import Address

__all__ = ["store"]

_ACTED_ON = {"storage_account", "domain", "protocol", "cdn", "localemu"}
# Each of them lets obstore sign in by itself: an application, a workload's identity, a machine's identity.
_IDENTITIES = ("AZURE_CLIENT_SECRET", "AZURE_FEDERATED_TOKEN_FILE", "IDENTITY_ENDPOINT", "MSI_ENDPOINT")


def store(address: Address, variables: Mapping[str, str]) -> Store:
    """Return how the container is opened.

    Args:
        address: the backend's address.
        variables: the environment.

    Raises:
        Unreadable: an option is not understood, or the storage account is not named.
    """
    address.only(_ACTED_ON)
    connection = _connection(variables)
    account = (
        address.options.get("storage_account")
        or variables.get("AZURE_STORAGE_ACCOUNT")
        or connection.get("AccountName", "")
    )
    if not account:
        raise Unreadable(
            "no storage account is named",
            "set AZURE_STORAGE_ACCOUNT, or add ?storage_account=NAME to the address",
        )
    # Where the connection string is what signs in, it also says where to.
    signed_in = _keys(variables)
    endpoint = connection.get("BlobEndpoint", "") if connection and not signed_in else ""
    endpoint = (endpoint or _service(address, account, variables, connection)).rstrip("/")
    return Store(
        {"account_name": account, "endpoint": endpoint, **(signed_in or _others(variables, connection))},
        http=endpoint.startswith("http://"),
        advice="set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN, or sign in with az login, as somebody who "
        "may list and read it",
    )


def _keys(variables: Mapping[str, str]) -> dict[str, Any]:
    if variables.get("AZURE_STORAGE_ACCOUNT") and variables.get("AZURE_STORAGE_KEY"):
        return {"account_key": variables["AZURE_STORAGE_KEY"]}
    if token := variables.get("AZURE_STORAGE_SAS_TOKEN"):
        return {"sas_key": token.removeprefix("?")}
    return {}


def _others(variables: Mapping[str, str], connection: Mapping[str, str]) -> dict[str, Any]:
    if key := connection.get("AccountKey"):
        return {"account_key": key}
    if token := connection.get("SharedAccessSignature"):
        return {"sas_key": token.removeprefix("?")}
    if any(variables.get(name) for name in _IDENTITIES):
        return {}
    return {"use_azure_cli": True} if shutil.which("az", path=variables.get("PATH")) else {}


def _service(
    address: Address, account: str, variables: Mapping[str, str], connection: Mapping[str, str]
) -> str:
    """The address of the service (Go CDK: azureblob.NewServiceURL)."""
    domain = address.options.get("domain") or variables.get("AZURE_STORAGE_DOMAIN") or "blob.core.windows.net"
    protocol = (
        address.options.get("protocol")
        or variables.get("AZURE_STORAGE_PROTOCOL")
        or connection.get("DefaultEndpointsProtocol")
        or "https"
    )
    emulated = address.flag("localemu", default=_set(variables, "AZURE_STORAGE_IS_LOCAL_EMULATOR"))
    if emulated or domain.startswith(("127.0.0.1", "localhost")):
        return f"{protocol}://{domain}/{account}"
    if address.flag("cdn", default=_set(variables, "AZURE_STORAGE_IS_CDN")):
        return f"{protocol}://{domain}"
    return f"{protocol}://{account}.{domain}"


def _connection(variables: Mapping[str, str]) -> dict[str, str]:
    text = (
        variables.get("AZURE_STORAGE_CONNECTION_STRING")
        or variables.get("AZURE_STORAGEBLOB_CONNECTIONSTRING")
        or ""
    )
    return {name: value for name, _, value in (part.partition("=") for part in text.split(";")) if name}


def _set(variables: Mapping[str, str], name: str) -> bool:
    return variables.get(name, "").lower() in {"1", "t", "true"}
