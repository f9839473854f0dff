"""Settings: each value on its button; beside them what the focused one means, how the line is, what this box is."""

from datetime import timedelta

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from tvclient.core.pages import settings
from tvclient.core.pages.settings import LineState
from tvclient.core.settled import LearnWord
from tvclient.core.state import Language, State
from tvclient.core.volume import muted
from tvclient.ui.screens.view import ScreenView, load_kv
from tvclient.ui.texts import _, _n, plain

FAST_KBPS, USUAL_KBPS, SLOW_KBPS = 4000, 1000, 300
GOOD, BAD, NEITHER = "check", "sorry", "clock"
TONES = {GOOD: "sprout", BAD: "dry"}

Finding = tuple[str, str]
"""An icon and a sentence."""


class SettingsScreen(ScreenView):
    """Seven rows and a panel."""

    title = StringProperty("")
    language = StringProperty("")
    language_value = StringProperty("")
    size_words = StringProperty("")
    size_value = StringProperty("")
    labels = StringProperty("")
    labels_value = StringProperty("")
    volume = StringProperty("")
    silent = BooleanProperty(False)
    quieter = StringProperty("")
    louder = StringProperty("")
    try_volume = StringProperty("")
    remote = StringProperty("")
    line = StringProperty("")
    line_value = StringProperty("")
    about = StringProperty("")
    panel_title = StringProperty("")
    panel_words = StringProperty("")
    busy = BooleanProperty(False)
    findings = ListProperty([("", "")] * 3)
    tones = ListProperty(["straw"] * 3)
    advice = StringProperty("")
    names = ListProperty([""] * 6)
    values = ListProperty([""] * 6)
    back = StringProperty("")

    def show(self, state: State) -> None:
        """See the base."""
        on, off = _("On"), _("Off")
        self.title = _("Settings")
        self.language, self.language_value = _("Language"), "中文" if state.language is Language.ZH else "English"
        self.size_words, self.size_value = _("Text size"), _("Large") if state.simple else _("Standard")
        self.labels, self.labels_value = _("Read aloud"), on if state.labels else off
        self.silent, self.volume = muted(state), str(state.volume.percent)
        said = _("Volume {percent}").format(percent=state.volume.percent)
        quieter, louder = _("Quieter"), _("Louder")
        self.quieter, self.louder = f"{quieter}, {said}", f"{louder}, {said}"
        self.try_volume = _("Hear it")
        self.remote, self.about = _("Teach a remote"), _("About this television")
        self.line, self.line_value = _("Check the line"), ""
        self.back = _("{back} Back")
        self._panel(state)

    def _panel(self, state: State) -> None:
        focus = settings.focus(state)
        self.busy = focus == settings.LINE and settings.line_state(state) is LineState.LOOKING
        findings: list[Finding] = []
        self.advice, names, values = "", list[str](), list[str]()
        match focus:
            case "language":
                self.panel_title, self.panel_words = (
                    self.language,
                    _("The words on the screen. Lessons stay as they are"),
                )
            case "size":
                self.panel_title = self.size_words
                self.panel_words = _("Large is for reading from afar. Standard shows a little more")
            case "labels":
                self.panel_title = self.labels
                self.panel_words = _("When it is on, the television says the words of what you move to")
            case "quieter" | "louder" | "try_volume":
                self.panel_title = _("Volume of the lessons")
                self.panel_words = _("Warnings have their own volume and are always heard")
            case "remote":
                self.panel_title, self.panel_words = self.remote, _remote_words(state)
            case "line":
                self.panel_title, self.panel_words = self.line, _line_words(state)
                findings, self.advice = _findings(state), _advice(state)
            case _:
                self.panel_title, self.panel_words = self.about, ""
                names, values = _about(state)
        self.findings = (findings + [("", "")] * 3)[:3]
        self.tones = [TONES.get(glyph, "straw") for glyph, _sentence in self.findings]
        self.names, self.values = (names + [""] * 6)[:6], (values + [""] * 6)[:6]


def _remote_words(state: State) -> str:
    if state.learning is not None and state.learning.word is LearnWord.GIVEN_UP:
        return _("No key came for 20 seconds, so nothing was changed. OK begins again")
    return _("Does a key of your remote do nothing? Teach it here in a minute")


def _line_words(state: State) -> str:
    match settings.line_state(state):
        case LineState.NEVER:
            return _("Press OK and the television looks whether it reaches the county")
        case LineState.LOOKING:
            return _("Looking, ten seconds at most")
        case LineState.NO_ANSWER:
            return _("The line hangs: no answer in ten seconds")
        case LineState.FOUND:
            return ""


def _findings(state: State) -> list[Finding]:
    check = state.line_check
    facts = check.facts if check else None
    if facts is None:
        return []
    reached = (
        (GOOD, _("The county's server answers")) if facts.reached else (BAD, _("The county's server does not answer"))
    )
    return [reached, _link_words(state, reached=facts.reached), _speed_words(facts.kbps)]


def _link_words(state: State, *, reached: bool) -> Finding:
    since = duration(state.now - state.linked_at) if state.linked_at else ""
    if state.online:
        return GOOD, _("Connected for {time}").format(time=since) if since else _("Connected")
    if reached:
        return NEITHER, _("News comes by a detour, a little later")
    return BAD, _("No line for {time}").format(time=since) if since else _("No line since it was switched on")


def _speed_words(kbps: int | None) -> Finding:
    if kbps is None:
        return NEITHER, _("Nothing was fetched yet, so the speed is not known")
    if kbps >= FAST_KBPS:
        return GOOD, _("The line is fast")
    if kbps >= USUAL_KBPS:
        return GOOD, _("The line has the usual speed")
    if kbps >= SLOW_KBPS:
        return NEITHER, _("The line is slow, new lessons take their time")
    return BAD, _("The line is very slow, new lessons come overnight")


def _advice(state: State) -> str:
    match settings.line_state(state):
        case LineState.FOUND if state.line_check and state.line_check.facts and state.line_check.facts.reached:
            return _("All is well, nothing to do")
        case LineState.FOUND | LineState.NO_ANSWER:
            return _("Stored lessons play as usual. Is the router on, does its cable sit firmly? Else call the county")
        case _:
            return ""


def _about(state: State) -> tuple[list[str], list[str]]:
    card, unknown = state.box_card, _("not known")
    free = "" if card.free_bytes is None else _("{count} GB").format(count=f"{card.free_bytes / 1e9:.1f}")
    facts = (
        (_("Station"), plain(state.station.name) if state.station else ""),
        (_("Box number"), str(card.number) if card.number else ""),
        (_("Serial"), plain(card.serial)),
        (_("Free disk"), free),
        (_("Program"), plain(card.software)),
        (_("Pictures"), _decoder(card.decoder)),
    )
    return [name for name, _value in facts], [value or unknown for _name, value in facts]


def _decoder(decoder: str) -> str:
    """By what lessons are decoded here."""
    match decoder:
        case "":
            return _("no lesson yet")
        case "no":
            return _("by the program")
        case chip:
            return _("by the chip ({name})").format(name=plain(chip))


def duration(span: timedelta) -> str:
    """How long, as people say it: in minutes, hours or days."""
    minutes = max(1, int(span.total_seconds()) // 60)
    if minutes < 60:
        return _n("{count} minute", "{count} minutes", minutes).format(count=minutes)
    hours = minutes // 60
    if hours < 48:
        return _n("{count} hour", "{count} hours", hours).format(count=hours)
    return _n("{count} day", "{count} days", hours // 24).format(count=hours // 24)


load_kv(__file__)
