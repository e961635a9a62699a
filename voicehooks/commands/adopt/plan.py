"""What `voicehooks adopt` would take over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicehooks.commands.adopt.account import AccountProposal
    from voicehooks.commands.adopt.function_source import FoundFunction
    from voicehooks.commands.adopt.proposal import Proposal
    from voicehooks.stack.settings_file import SettingsFile

__all__ = ["Plan"]


@dataclass(frozen=True)
class Plan:
    """What would be taken over.

    Attributes:
        proposals: the numbers.
        to_import: of those the ones that the state lacks.
        skipped: numbers left out, each with the reason.
        functions: existing functions of our names.
        old: the settings file.
        new: the settings file afterwards.
        account: what would be taken over of the whole account.
    """

    proposals: list[Proposal]
    to_import: list[Proposal]
    skipped: dict[str, str]
    functions: list[FoundFunction]
    old: SettingsFile
    new: SettingsFile
    account: AccountProposal

    def nothing_to_do(self) -> bool:
        """Tell whether everything is as it should be already."""
        saved = all(not f.missing() and not f.differing() for f in self.functions)
        return self.old == self.new and not self.to_import and not self.account.to_import and saved
