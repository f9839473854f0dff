"""The form of a group of stations. What a group may be is judged by `rules.py`; here typed text becomes values."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import IntegerField, RadioField, SelectChoice, SelectField, SelectMultipleField, StringField
from wtforms.validators import Length, Optional
from wtforms.widgets import HiddenInput

from contentserver.stations.rules import NAME_MAX, GroupFault, GroupWords

KINDS = {
    "village": _("Village"),
    "community": _("Community"),
    "township": _("Township"),
    "office": _("Office"),
    "farm": _("Farm"),
    "social": _("Social organisation"),
    "enterprise": _("Enterprise"),
}
PICKED, BY_RULE = "picked", "rule"
WAYS = {PICKED: _("I pick them one by one"), BY_RULE: _("By a rule: new stations come in by themselves")}
SENTENCES = {
    GroupFault.NO_NAME: _("Give the group a name."),
    GroupFault.NAME_LONG: _("The name is too long: at most %(number)s characters.", number=NAME_MAX),
    GroupFault.NO_REGION: _("Choose a region."),
    GroupFault.KIND_UNKNOWN: _("There is no such kind of station."),
    GroupFault.NOT_BELOW: _("This does not lie in the region that the group belongs to."),
    GroupFault.NO_RULE: _(
        "Choose kinds of stations or a part of the region: as it is, the rule means the whole region."
    ),
    GroupFault.NAME_TAKEN: _("Another group of this region has this name."),
}


class GroupForm(FlaskForm):
    """A group as a person writes it down."""

    name = StringField(_("Name of the group"), validators=[Length(max=1000)])
    region_code = SelectField(_("Belongs to"), validate_choice=False)
    way = RadioField(_("Which stations"), choices=[SelectChoice(*one) for one in WAYS.items()], default=PICKED)
    kinds = SelectMultipleField(_("Kinds of stations"), validate_choice=False)
    below = SelectField(_("Part of the region"), validate_choice=False)
    saved = IntegerField(widget=HiddenInput(), default=0, validators=[Optional()])

    def fill(self, words: GroupWords, saved: int) -> None:
        """Show a group as it stands."""
        self.name.data, self.region_code.data = words.name, words.region_code
        self.way.data = PICKED if words.picked else BY_RULE
        self.kinds.data, self.below.data, self.saved.data = list(words.kinds), words.below, saved

    def stand_on(self, saved: int) -> None:
        """Let the next saving replace this one."""
        self.saved.data, self.saved.raw_data = saved, None

    def words(self) -> GroupWords:
        """What is typed, whether it may stand or not."""
        return GroupWords(
            region_code=self.region_code.data or "",
            name=self.name.data or "",
            picked=self.way.data != BY_RULE,
            kinds=tuple(self.kinds.data or ()),
            below=self.below.data or "",
        )

    def blame(self, faults: tuple[tuple[str, GroupFault], ...]) -> None:
        """Put each fault beside its field."""
        for name, fault in faults:
            self[name].errors = [*self[name].errors, SENTENCES[fault]]
