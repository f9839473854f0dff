"""Which views ask for the password where it was not given lately. Part of the composition: no slice knows of it."""

PASSWORD_AGAIN = frozenset(
    {
        # what takes data out
        "audit.file",
        "reports.overview_file",
        "reports.attendance_file",
        "ledger.completeness_file",
        "ledger.printed",
        "assessments.results_file",
        "readiness.listed",
        "star_rounds.results_file",
        "star_rounds.sample_file",
        "transcripts.printed",
        "transcripts.taken_along",
        "member_sheets.taken",
        "paper.sheet_with_names",
        "case_figures.numbers_file",
        "saved_reports.make_token",
        "market_goods.make_feed",
        "saved_reports.mail",
        "document_desk.receipts_file",
        # what is done to televisions from afar
        "support.ask",
        "support.offer",
        "boxes.want_program",
        "boxes.rotate",
        "boxes.ended",
        # who may do what
        "people.invite",
        "people.change",
        "people.invite_again",
        "people.close",
        "people.reopen",
        "people.take_factor_away",
        "people.sign_out",
        "people.import_kept",
        "own_account.begin_factor",
        "own_account.new_codes",
        "own_account.remove_factor",
        "own_account.give",
        "own_account.act_for",
        "own_account.note_phone",
    }
)
"""Views that ask for the password where it was not given lately."""
