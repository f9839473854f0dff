"""Which keys sign what the server says, and which of them boxes are to trust. Front door for what lies above."""

from contentserver.trust.models import SigningKeyRow
from contentserver.trust.rules import HEARD_WITHIN, KeyState, holds_up
from contentserver.trust.service import (
    Placed,
    coming_row,
    enter_first,
    keys_no,
    lacking_after,
    prepare,
    retire,
    retiring,
    revoke,
    rows,
    signing_row,
    to_be_mended,
    trusted_set,
    use,
)

__all__ = [
    "HEARD_WITHIN",
    "KeyState",
    "Placed",
    "SigningKeyRow",
    "coming_row",
    "enter_first",
    "holds_up",
    "keys_no",
    "lacking_after",
    "prepare",
    "retire",
    "retiring",
    "revoke",
    "rows",
    "signing_row",
    "to_be_mended",
    "trusted_set",
    "use",
]
