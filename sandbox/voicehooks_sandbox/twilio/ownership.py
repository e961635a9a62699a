"""Resources by SID: an account finds its own, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import not_found

if TYPE_CHECKING:
    from .store import Document, Store


def owned(store: Store, kind: str, account_sid: str, sid: str, path: str) -> Document:
    """A resource of an account.

    Args:
        store: where it is kept.
        kind: of the resource.
        account_sid: of the account.
        sid: of the resource.
        path: of the request, which the error quotes.

    Raises:
        TwilioError: 20404 if there is none, or another account owns it.
    """
    document = store.get(kind, sid)
    if document is None or document["account_sid"] != account_sid:
        raise not_found(path)
    return document
