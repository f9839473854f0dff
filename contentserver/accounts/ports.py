"""What this slice lets others do for it; the composition root binds it."""

from typing import Protocol


class SendMail(Protocol):
    """Hands a short mail to the mail server."""

    def __call__(self, to: str, subject: str, text: str) -> None:
        """Send it.

        Raises:
            OSError, smtplib.SMTPException: the mail server did not take it.
        """
        ...
