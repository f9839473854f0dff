"""What can go wrong outside the box, split by guilt. A verdict on bytes is `schedules.wire.signing.BadSignature`."""


class AdapterError(Exception):
    """Any failure of this package."""


class ServerUnreachable(AdapterError):
    """The world's fault: no line, no answer in time, or the server is out of order. Try again later."""


class Unknown(AdapterError):
    """The server does not know the credentials that were shown."""


class Revoked(AdapterError):
    """The server has ended this box's enrolment; the message is its reason, in words."""


class OfferExpired(AdapterError):
    """The claim code is too old; ask for another."""


class Refused(AdapterError):
    """The server understood and said no.

    Attributes:
        code: the problem's stable code, or the HTTP status where none was given.
    """

    def __init__(self, status: int, code: str, title: str) -> None:
        super().__init__(f"{status} {code}: {title}")
        self.status = status
        self.code = code


class NotPlayable(AdapterError):
    """A package cannot be played now.

    Attributes:
        reason: `not_stored` or `refused`, as `PlayerFailed` says it.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
