"""Whose things an address names: asked in one place, before the view.

Every name that stands in an address is declared beside its blueprint: `lies` says in which region the thing lies that
is named so, `decided` leaves it to the slice who may know of it, `free` says why nobody is asked. A server in whose
addresses a name stands that nobody declared does not start. The view's rights come first (`auth.require`). A region
that a form or a query names is asked about in the view, by `auth.require_scope`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask import Blueprint, Flask, current_app, g, request
from flask.blueprints import BlueprintSetupState
from flask.sansio.app import App
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from contentserver.kernel import auth, http
from contentserver.kernel.auth import Person

EXTENSION: Final = "scoping"

Locator = Callable[..., str]
"""Called with the session and the values that the address has; gives the code of the region in which the thing lies.

Raises NotFound where there is no such thing.
"""
Question = Callable[..., object]
"""Called with the session, the values and the person; raises NotFound or Forbidden where they may not know of it."""


class Undeclared(RuntimeError):
    """An address has a name of which nobody said whose it is; or something was said of a name that no address has."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What was said of one name, or of several that name a thing together.

    Attributes:
        owner: the blueprint; empty for routes of the application itself.
        endpoints: the routes for which it holds, instead of what holds for the whole blueprint; empty for all of them.
        because: why nobody has to be asked; empty where somebody has.
    """

    owner: str
    names: tuple[str, ...]
    endpoints: frozenset[str]
    ask: Callable[[Session, tuple[Any, ...], Person], object] | None = None
    because: str = ""

    def holds_for(self, rule: Rule, names: Iterable[str]) -> bool:
        """Whether it speaks of an address."""
        owner, _dot, _name = rule.endpoint.rpartition(".")
        return (
            self.owner == owner
            and (not self.endpoints or rule.endpoint in self.endpoints)
            and set(self.names) <= set(names)
        )


@dataclass(slots=True)
class Declarations:
    """What the slices of an application said."""

    said: list[Declared] = field(default_factory=list)
    _found: dict[tuple[str, str], tuple[Declared, ...]] = field(default_factory=dict)

    def add(self, one: Declared) -> None:
        """Keep what was said."""
        self.said.append(one)
        self._found.clear()

    def of(self, rule: Rule) -> tuple[Declared, ...]:
        """What holds for an address, in the order in which its names stand there; of two, the closer one.

        Raises:
            Undeclared: nothing was said of a name.
        """
        key = (rule.rule, rule.endpoint)
        if key not in self._found:
            self._found[key] = self._of(rule)
        return self._found[key]

    def _of(self, rule: Rule) -> tuple[Declared, ...]:
        names = _names(rule)
        open_names, found = set(names), list[Declared]()
        for one in sorted(self.said, key=lambda one: (not one.endpoints, -len(one.names))):
            if one.holds_for(rule, names) and open_names & set(one.names):
                found.append(one)
                open_names -= set(one.names)
        if open_names:
            raise Undeclared(_missing(rule, sorted(open_names)))
        return tuple(sorted(found, key=lambda one: min(map(names.index, one.names))))


def lies(owner: Blueprint | Flask, *names: str, where: Locator, at: Iterable[str] = ()) -> None:
    """Say in which region the thing lies that these names of an address name: whoever does not reach it is refused.

    Args:
        owner: whose routes.
        where: called with the session and the values of `names`.
        at: views of the blueprint for which it holds; all of them where none is named.
    """

    def ask(session: Session, values: tuple[Any, ...], _who: Person) -> None:
        auth.require_scope(where(session, *values))

    _say(owner, names, at, ask=ask)


def decided(owner: Blueprint | Flask, *names: str, by: Question, at: Iterable[str] = ()) -> None:
    """Leave it to the slice who may know of what these names name: where a region alone does not say.

    Args:
        by: called with the session, the values of `names`, and the person.
    """
    _say(owner, names, at, ask=lambda session, values, who: by(session, *values, who))


def free(owner: Blueprint | Flask, *names: str, because: str, at: Iterable[str] = ()) -> None:
    """Say why these names, each of them, name nothing that lies in a region, or something that is for everybody.

    Raises:
        ValueError: no reason is given.
    """
    if not because.strip():
        raise ValueError(f"say why {', '.join(names)} belongs to nobody")
    for name in names:
        _say(owner, (name,), at, because=because)


def install(app: Flask) -> None:
    """Ask before every view; call it after whatever finds out who is asking."""
    app.before_request(_ask)


def require_declared(app: Flask) -> None:
    """Look at every route; call it when all of them are there.

    Raises:
        Undeclared: with a line for each name that nobody declared, and for each that is in no address.
    """
    declarations, rules = _declarations(app), list(app.url_map.iter_rules())
    wrong, used = list[str](), set[Declared]()
    for rule in rules:
        try:
            used.update(declarations.of(rule))
        except Undeclared as error:
            wrong.append(str(error))
    if not wrong:
        wrong += [
            f"{one.owner or 'the application'} declares {', '.join(one.names)}, but no address needs it: take it out"
            for one in declarations.said
            if one not in used
        ]
    if wrong:
        raise Undeclared("\n".join(wrong))


def require_known(rule: Rule, values: Mapping[str, Any]) -> None:
    """Refuse unless the signed-in person may know of everything that an address names.

    What was loaded for it stays for the view, which finds it in its session. A view that then locks a row reads it anew
    (`populate_existing`): it may have changed in between.

    Raises:
        Unauthenticated: nobody is signed in.
        Forbidden: they lack the view's right, or it lies outside their region.
        NotFound: there is no such thing, or they may not know of it.
    """
    questions = [(one.ask, one.names) for one in _declarations(current_app).of(rule) if one.ask is not None]
    if not questions:
        return
    who = auth.person()
    auth.require_rights_for(current_app.view_functions[rule.endpoint])
    if request.method not in http.SAFE_METHODS:
        request.get_data(parse_form_data=True)  # all of it is here before SQLite's write lock is taken
    session, g.known = http.db_session(), list[object]()  # a session alone keeps nothing alive that it has loaded

    def keep(_session: Session, loaded: object) -> None:
        g.known.append(loaded)

    event.listen(session, "loaded_as_persistent", keep)
    for ask, names in questions:
        ask(session, tuple(values[name] for name in names), who)
    event.remove(session, "loaded_as_persistent", keep)


def _ask() -> None:
    rule = request.url_rule
    answered_by_flask = request.method == "OPTIONS" and getattr(rule, "provide_automatic_options", False)
    if rule is not None and not answered_by_flask:
        require_known(rule, request.view_args or {})


def _say(
    owner: Blueprint | Flask,
    names: tuple[str, ...],
    at: Iterable[str],
    ask: Callable[[Session, tuple[Any, ...], Person], object] | None = None,
    because: str = "",
) -> None:
    """Keep what was said of the application's routes at once, of a blueprint's when it is registered."""
    views = tuple(at)
    if isinstance(owner, Flask):
        _declarations(owner).add(Declared("", names, frozenset(views), ask, because))
        return

    def keep(state: BlueprintSetupState) -> None:
        name = state.name
        endpoints = frozenset(f"{name}.{view}" for view in views)
        _declarations(state.app).add(Declared(name, names, endpoints, ask, because))

    owner.record(keep)


def _declarations(app: App) -> Declarations:
    found: Declarations = app.extensions.setdefault(EXTENSION, Declarations())
    return found


def _names(rule: Rule) -> list[str]:
    """The names of an address whose values a request gives, in their order."""
    given = rule.arguments - set(rule.defaults or ())
    return sorted(given, key=lambda name: rule.rule.index(f"{name}>"))


def _missing(rule: Rule, names: list[str]) -> str:
    which = ", ".join(names)
    return (
        f"{rule.rule} ({rule.endpoint}) has {which} in its address, and nobody said whose that is. Write beside the "
        f'blueprint: scoping.lies(blueprint, "{names[0]}", where=…) with a function that gives the region in which '
        f'the thing lies; or scoping.free(blueprint, "{names[0]}", because="…") where it belongs to nobody.'
    )
