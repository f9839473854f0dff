"""Kinds of data in words: what each is, and why it is kept as long as it is."""

from typing import Final

from flask_babel import lazy_gettext as _

from contentserver.retention.rules import Kind

NAMES: Final = {
    Kind.SCREENS: _("Pictures of screens and logs that televisions sent"),
    Kind.KEYS: _("Keys pressed from afar, sign-ins asked for by phone"),
    Kind.PRESENCE: _("When each television had a line"),
    Kind.WEB_SESSIONS: _("Sign-ins of staff that are no longer used"),
    Kind.FAILED_SIGN_INS: _("Locks after wrong passwords"),
    Kind.INVITATIONS: _("Invitations that were used or have lapsed"),
    Kind.DELEGATIONS: _("Who stood in for whom, once it has ended"),
    Kind.TOKENS: _("Tokens for programs that have ended"),
    Kind.QUARANTINE: _("Contradicting events that somebody has put aside"),
    Kind.NOTES: _("Notes on doubtful sessions"),
    Kind.FORMER_MEMBERS: _("Names of members who have left"),
    Kind.PHOTOGRAPHS: _("Photographs that were taken away"),
    Kind.NOTICES: _("Notices that are over, and who had read them"),
    Kind.OFFERS: _("Offers of the bulletin that are over, with whom to ask"),
    Kind.CASE_FILES: _("Photographs and voice notes of questions to experts"),
    Kind.ASKERS: _("Who asked an expert a question"),
    Kind.DOCUMENTS: _("Documents that were sent, with receipts and answers"),
    Kind.LEDGER_DRAFTS: _("What was begun for the work book and never written"),
    Kind.AUDIT: _("Audit trail: who changed what"),
    Kind.EVIDENCE: _("Attendance: what televisions reported, and corrections"),
}
WHY: Final = {
    Kind.SCREENS: _("Needed while a fault is looked into. A picture may show people's names."),
    Kind.KEYS: _("A pressed key may be part of somebody's number. The attendance itself is kept elsewhere."),
    Kind.PRESENCE: _("Readiness compares with the last four weeks."),
    Kind.WEB_SESSIONS: _("An unused sign-in opens nothing; it is only a trace of somebody's working hours."),
    Kind.FAILED_SIGN_INS: _("A lock lasts five minutes; the count is only of use for a while."),
    Kind.INVITATIONS: _("A used link opens nothing. Who was invited by whom stays in the audit trail."),
    Kind.DELEGATIONS: _("So that one can still see who could act for whom. What they did stays in the audit trail."),
    Kind.TOKENS: _("So that one can still see which program could read what."),
    Kind.QUARANTINE: _("It never counts. It is kept in case a village asks about it."),
    Kind.NOTES: _("Free text may name people. The session and its doubts stay."),
    Kind.FORMER_MEMBERS: _(
        "A paper may be asked for years later. Afterwards the name becomes 'former member', number and card are free "
        "again; hours and evidence stay."
    ),
    Kind.PHOTOGRAPHS: _("So that one taken away by mistake can be put back."),
    Kind.NOTICES: _("Somebody may ask later whether a village was told. The words stay in the audit trail."),
    Kind.OFFERS: _("So that last year's can be looked up when the season comes again."),
    Kind.CASE_FILES: _("So that an expert can compare with earlier seasons. Question and answer stay."),
    Kind.ASKERS: _("So that one can still ask the one who asked. Question and answer stay, without a name."),
    Kind.DOCUMENTS: _("An office may be asked years later what it sent. That it was read stays in the work book."),
    Kind.LEDGER_DRAFTS: _("So that one can go on after weeks. What stands in the book stays for ever."),
    Kind.AUDIT: _("It answers for everything else, so nobody can shorten it."),
    Kind.EVIDENCE: _("Every number is computed from it, so nobody can shorten it."),
}
