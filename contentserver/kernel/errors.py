"""Errors, split by guilt: the caller's (`Refusal`) and the world's (`Outage`).

A refusal has a stable code for programs and a sentence for people, already translatable. Which HTTP status
it becomes is known to `http.py` alone.
"""

from collections.abc import Mapping


class Refusal(Exception):
    """The caller asked for something that cannot be done; nothing was changed.

    Attributes:
        code: stable, e.g. `claim_unknown`.
        sentence: what to tell the person, and what to do about it; a string or a lazy translation.
        fields: sentences beside single form fields.
    """

    def __init__(self, code: str, sentence: object, fields: Mapping[str, object] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.fields = dict(fields or {})


class NotFound(Refusal):
    """There is no such thing, or the caller may not know of it."""


class Gone(NotFound):
    """It was there and has ended; ask for a new one."""


class Conflict(Refusal):
    """It contradicts what stands already."""


class Rejected(Refusal):
    """The values given are wrong."""


class Forbidden(Refusal):
    """The caller lacks the right."""


class Unauthenticated(Refusal):
    """The caller has not said who they are, or is not believed."""


class Outage(Exception):
    """The world failed us: the broker, the disk, a child process."""


class BrokerUnavailable(Outage):
    """The broker does not answer or refused us."""
