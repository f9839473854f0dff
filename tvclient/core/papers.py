"""What the station reads beside its timetable, as the state holds it: one paper of each kind, empty until it came."""

from typing import Final, assert_never

import msgspec
from msgspec.structs import replace

from schedules.wire.messages import Documents, GreenChannel, Market, Notices, Paper, Quizzes


class Papers(msgspec.Struct, frozen=True):
    """One paper of each kind, and which files of answers are on the disk (by SHA-256)."""

    quizzes: Quizzes = Quizzes(version="")
    green_channel: GreenChannel = GreenChannel(version="")
    notices: Notices = Notices(version="")
    market: Market = Market(version="")
    documents: Documents = Documents(version="")
    stored: frozenset[str] = frozenset()

    def with_paper(self, paper: Paper) -> "Papers":
        """The same with this one in place of the one of its kind."""
        match paper:
            case Quizzes():
                return replace(self, quizzes=paper)
            case GreenChannel():
                return replace(self, green_channel=paper)
            case Notices():
                return replace(self, notices=paper)
            case Market():
                return replace(self, market=paper)
            case Documents():
                return replace(self, documents=paper)
            case _:
                assert_never(paper)


NO_PAPERS: Final = Papers()
