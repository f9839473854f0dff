"""The form by which somebody announces a power cut, and what the address of the board asks for."""

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

ZONE = ZoneInfo("Asia/Shanghai")
EARLIEST, LATEST = 2000, 2999
FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
_TYPE = _("Give day and time, for example 2026-11-23 19:30.")


class PowerCutForm(FlaskForm):
    """There will be no power here, from then to then."""

    region = SelectField(_("Where"), validators=[InputRequired(_("Choose the region."))])
    since = DateTimeLocalField(_("From"), format=FORMATS, validators=[InputRequired(_TYPE)])
    until = DateTimeLocalField(_("To"), format=FORMATS, validators=[InputRequired(_TYPE)])
    reason = StringField(_("Reason"), validators=[Length(max=200, message=_("At most 200 characters."))])

    def validate_since(self, field: DateTimeLocalField) -> None:
        """A time of this age of the world."""
        if not EARLIEST <= field.data.year <= LATEST:
            raise ValidationError(_("Give a day between 2000 and 2999."))

    def validate_until(self, field: DateTimeLocalField) -> None:
        """A time of this age of the world."""
        self.validate_since(field)

    def instants(self) -> tuple[datetime, datetime]:
        """Beginning and end of the valid form, aware UTC."""
        begins, ends = self.since.data.replace(tzinfo=ZONE), self.until.data.replace(tzinfo=ZONE)
        return begins.astimezone(UTC), ends.astimezone(UTC)


class BoardQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What the address of the board asks for.

    Attributes:
        at: the moment (aware UTC); None for what begins next.
        region: a county, a township or a village below the person's region, or that itself; empty for none chosen.
        every: also the boxes that are well, all of them.
        station: one station alone, where a single one is to be told.
    """

    at: datetime | None
    region: str
    every: bool
    station: UUID | None = None


def board_query(at: str, region: str, every: str, station: str = "") -> BoardQuery:
    """Read the address; what cannot be read is left out."""
    try:
        moment = datetime.fromisoformat(at).astimezone(UTC) if at else None
    except (ValueError, OverflowError):
        moment = None
    try:
        one = UUID(station) if station else None
    except ValueError:
        one = None
    return BoardQuery(at=moment, region=region if region.isdigit() else "", every=bool(every), station=one)
