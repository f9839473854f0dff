"""A box as the server meets it: its own nonce, its key, its claim code as it computes it itself."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from contentserver.boxes import enrolling
from contentserver.boxes.models import Box, Enrolment
from schedules import claim
from schedules.wire.messages import EnrolmentRequest, EnrolmentReveal
from schedules.wire.signing import Signer
from tests.contentserver.conftest import NOW

SECRET = "s" * 40
AUTHORITY = "-----BEGIN CERTIFICATE-----\nours\n-----END CERTIFICATE-----\n"


@dataclass(slots=True)
class EnteringBox:
    """One box that asks to be let in, and what it was let in as, where somebody had announced it."""

    enrolment: Enrolment
    token: str
    nonce: str
    box: Box | None = None

    def code(self, authority: str = AUTHORITY) -> str:
        """What its television shows when it was shown this authority."""
        return claim.claim_code(
            stem=self.enrolment.claim_stem,
            public_key=self.enrolment.public_key,
            authority=authority,
            box_nonce=self.nonce,
            server_nonce=self.enrolment.server_nonce,
        )


def ask(session: Session, key: str = "key-1", serial: str = "", now: datetime = NOW) -> EnteringBox:
    """The box asks, and has not revealed its nonce."""
    nonce = hashlib.sha256(key.encode()).hexdigest()[:32]
    wanted = EnrolmentRequest(public_key=key, serial=serial, commitment=claim.commitment(nonce))
    enrolment, token = enrolling.open_enrolment(session, wanted, now)
    return EnteringBox(enrolment, token, nonce)


def enter(session: Session, signer: Signer, key: str = "key-1", serial: str = "") -> EnteringBox:
    """The box asks and reveals its nonce: its television shows a code, unless it is let in at once."""
    entering = ask(session, key, serial)
    entering.box = enrolling.reveal(
        session,
        entering.enrolment.id,
        entering.token,
        EnrolmentReveal(nonce=entering.nonce),
        authority=AUTHORITY,
        signer=signer,
        secret=SECRET,
        now=NOW,
    )
    return entering
