"""Forms of a person's record and of a branch."""

from datetime import date
from uuid import UUID

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from contentserver.members.branches import Words
from contentserver.members.record import Facts
from contentserver.members.words import BRANCH_KINDS

SEALED = ("phone", "identity", "birthday", "address")


class RecordForm(FlaskForm):
    """A person. Of what is sealed the empty field keeps what is there; a box beside it takes it away."""

    station = StringField(_("Station"))
    name = StringField(_("Name"))
    number = StringField(_("Number"))
    card = StringField(_("Card"))
    branch = SelectField(_("Branch"), validate_choice=False)
    active = BooleanField(_("On the roll of the station"), default=True)
    phone = StringField(_("Mobile number"))
    identity = StringField(_("Identity number"))
    birthday = StringField(_("Birthday"))
    address = StringField(_("Address"))
    without_phone = BooleanField(_("Take it away"))
    without_identity = BooleanField(_("Take it away"))
    without_birthday = BooleanField(_("Take it away"))
    without_address = BooleanField(_("Take it away"))

    def facts(self) -> Facts:
        """What the form says."""
        sealed = {name: self._sealed(name) for name in SEALED}
        return Facts(
            name=self.name.data or "",
            number=(self.number.data or "").strip(),
            card=(self.card.data or "").strip(),
            branch=uuid_of(self.branch.data or ""),
            active=bool(self.active.data),
            **sealed,
        )

    def _sealed(self, name: str) -> str | None:
        typed = (self[name].data or "").strip()
        return "" if self[f"without_{name}"].data and not typed else typed or None


class BranchForm(FlaskForm):
    """A branch."""

    name = StringField(_("Name"))
    kind = SelectField(
        _("What it is"),
        choices=[SelectChoice(one.value, words) for one, words in BRANCH_KINDS.items()],
        validate_choice=False,
    )
    region_code = SelectField(_("Region"), validate_choice=False)
    parent = SelectField(_("Belongs to"), validate_choice=False)
    founded_on = DateField(_("Founded"), validators=[Optional()])

    def words(self, region_code: str = "") -> Words:
        """What the form says; the region of a branch that stands does not change."""
        return Words(
            name=self.name.data or "",
            kind=self.kind.data or "",
            region_code=region_code or self.region_code.data or "",
            parent_id=uuid_of(self.parent.data or ""),
            founded_on=self.founded_on.data,
        )


def uuid_of(text: str) -> UUID | None:
    """An id of a form; None for nothing, and for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def day_of(text: str) -> date | None:
    """A day of a form; None for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
