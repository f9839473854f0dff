"""The gateways that the settings name, by channel."""

import smtplib
from collections.abc import Callable, Mapping, Sequence

from contentserver.adapters.kannel import KannelGateway
from contentserver.adapters.smpp import SmppGateway
from contentserver.messaging import Channel, Fate, Gateway, GatewayAway, Incoming, Outgoing, Receipt, Submitted
from contentserver.settings import Settings

Mail = Callable[[str, str, str], object]
"""Sends one mail: to whom, subject, text."""


class MailGateway:
    """Mails as messages; a mail server says nothing later, so what it took counts as delivered."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail

    def submit(self, several: Sequence[Outgoing]) -> Sequence[Submitted]:
        """Hand mails over; see `messaging.Gateway`."""
        answers: list[Submitted] = []
        for one in several:
            try:
                self._mail(one.to, one.subject, one.text)
                answers.append(Submitted(one.id, Fate.TAKEN))
            except smtplib.SMTPRecipientsRefused as error:
                answers.append(Submitted(one.id, Fate.REFUSED, error=str(error)))
            except smtplib.SMTPResponseException as error:
                fate = Fate.REFUSED if error.smtp_code >= 500 else Fate.LATER
                answers.append(Submitted(one.id, fate, error=f"{error.smtp_code} {error.smtp_error!r}"))
            except (OSError, smtplib.SMTPException) as error:
                if not answers:
                    raise GatewayAway(str(error)) from error
                break
        return answers

    def collect(self) -> Sequence[Receipt | Incoming]:
        """Nothing."""
        return ()

    def acknowledge(self) -> None:
        """Nothing was given."""

    def close(self) -> None:
        """Nothing is open."""


def gateways(settings: Settings, receipts: str, mail: Mail | None) -> Mapping[Channel, Gateway]:
    """Those that this server has.

    Args:
        receipts: where an HTTP gateway calls with a delivery report.
    """
    found: dict[Channel, Gateway] = {}
    if settings.sms_gateway.startswith("kannel+"):
        found[Channel.SMS] = KannelGateway(settings.sms_gateway, receipts)
    elif settings.sms_gateway:
        found[Channel.SMS] = SmppGateway(settings.sms_gateway)
    if mail is not None:
        found[Channel.MAIL] = MailGateway(mail)
    return found
