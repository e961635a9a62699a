"""Reading a TwiML document: verbs in order, and what Twilio warns of.

Sources: error dictionary 12100 (document parse failure: the call fails) and 12200 (schema validation
warning: the offending part is ignored and the call goes on).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from .vocabulary import ELEMENTS, OTHERS


class ParseFailure(ValueError):
    """12100: this is not XML, or not a ``<Response>``."""


@dataclass(frozen=True)
class Verb:
    """One element of a document.

    Attributes:
        name: ``Dial``, ``Number`` ...
        text: its text without surrounding blanks.
        attributes: those Twilio knows.
        nouns: its child elements that Twilio knows.
        others: names of child elements that Twilio knows and the sandbox does not.
    """

    name: str
    text: str
    attributes: dict[str, str] = field(default_factory=dict)
    nouns: tuple[Verb, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def emulated(self) -> bool:
        """Whether the sandbox acts on it."""
        return ELEMENTS[self.name].emulated

    @property
    def skipped(self) -> str:
        """What a step says of it if the sandbox does not act on it."""
        return _skipped(self.name, ELEMENTS[self.name].skipped_because)

    @property
    def skipped_others(self) -> list[str]:
        """What steps say of its child elements of which the sandbox knows only the name."""
        return [f"in <{self.name}>, {_skipped(name, OTHERS[name])}" for name in self.others]

    @property
    def ignored(self) -> list[str]:
        """The attributes it has that the sandbox does not act on; ``false`` asks for nothing."""
        known = ELEMENTS[self.name].ignored
        return sorted(name for name, value in self.attributes.items() if name in known and value != "false")

    def get(self, attribute: str, default: str = "") -> str:
        """An attribute's value; an empty one counts as absent."""
        return self.attributes.get(attribute) or default

    def number(self, attribute: str, default: int, *, low: int = 0, high: int = 10**9) -> int:
        """A whole-number attribute, held to its range; nonsense counts as absent."""
        text = self.attributes.get(attribute, "")
        return min(max(int(text), low), high) if text.isdecimal() else default


@dataclass(frozen=True)
class TwimlDocument:
    """A document as the call executes it.

    Attributes:
        verbs: what to do, in order.
        warnings: texts of 12200 warnings.
    """

    verbs: tuple[Verb, ...]
    warnings: tuple[str, ...] = ()


def parse(text: str) -> TwimlDocument:
    """Read a document.

    Raises:
        ParseFailure: the text is not well-formed, or its root is not ``<Response>``.
    """
    if "<!DOCTYPE" in text:
        msg = "A document type declaration is not allowed"
        raise ParseFailure(msg)
    try:
        root = ET.fromstring(text)  # noqa: S314 - without a DTD there are no entities to expand
    except ET.ParseError as error:
        msg = f"Error on line {error.position[0]} of document: {error.msg if hasattr(error, 'msg') else error}"
        raise ParseFailure(msg) from None
    if root.tag != "Response":
        msg = f"The root element of a TwiML document is Response, not {root.tag}"
        raise ParseFailure(msg)
    warnings: list[str] = []
    response = _read(root, warnings)
    return TwimlDocument(response.nouns, tuple(warnings))


def _skipped(name: str, reason: str) -> str:
    return f"<{name}> is TwiML, but this sandbox skips it: {reason}"


def _read(node: ET.Element, warnings: list[str]) -> Verb:
    known = ELEMENTS[node.tag]
    attributes = {}
    for name, value in node.attrib.items():
        if name in known.attributes:
            attributes[name] = value
        else:
            warnings.append(f"Attribute '{name}' is not allowed to appear in element '{node.tag}'.")
    nouns, others = [], []
    for child in node:
        if child.tag in known.children and child.tag in ELEMENTS:
            nouns.append(_read(child, warnings))
        elif child.tag in known.children and child.tag in OTHERS:
            others.append(child.tag)
        elif child.tag not in known.children:
            warnings.append(
                f"Invalid content was found starting with element '{child.tag}' in element '{node.tag}'."
            )
    text = "".join(node.itertext()) if node.tag == "Say" else (node.text or "")
    return Verb(node.tag, text.strip(), attributes, tuple(nouns), tuple(others))
