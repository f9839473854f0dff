"""The table of rights in `docs/people.md` is the one that the program goes by."""

from pathlib import Path

from contentserver.kernel.auth import RIGHTS, Right, Role

PAGE = Path(__file__).parents[3] / "docs" / "people.md"
BEGIN, END = "<!-- rights: begin -->\n", "<!-- rights: end -->"
NAMES = {
    Role.STATION_ADMIN: "Station",
    Role.SCHEDULER: "Scheduler",
    Role.REVIEWER: "Reviewer",
    Role.COUNTY_STAFF: "County staff",
    Role.DUTY_OFFICER: "Duty officer",
    Role.SYSTEM_ADMIN: "Administrator",
    Role.EXPERT: "Expert",
    Role.AUDITOR: "Auditor",
}


def table() -> str:
    """Rights down, roles across."""
    lines = [f"| Right | {' | '.join(NAMES[role] for role in Role)} |", f"| --- |{' :-: |' * len(Role)}"]
    for right in Right:
        held = " | ".join("✓" if right in RIGHTS[role] else " " for role in Role)
        lines.append(f"| {right.value.replace('_', ' ')} | {held} |")
    return "\n".join(lines) + "\n"


def test_the_table_of_roles_and_rights_is_current() -> None:
    text = PAGE.read_text(encoding="utf-8")
    written = text[text.index(BEGIN) + len(BEGIN) : text.index(END)]
    assert written == table(), f"put this between the two marks of {PAGE.name}:\n{table()}"
