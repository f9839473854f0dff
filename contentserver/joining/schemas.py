"""The form on which somebody types their number."""

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import StringField


class NumberForm(FlaskForm):
    """A member's number; what is none finds nobody, and is answered in the same words."""

    number = StringField(
        _("Your number"),
        render_kw={
            "inputmode": "numeric",
            "autocomplete": "off",
            "maxlength": "6",
            "pattern": "[0-9]*",
            "required": True,
            "autofocus": True,
        },
    )
