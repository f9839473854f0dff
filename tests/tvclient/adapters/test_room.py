"""Random disks: what will air stays, what fits is allotted, and the disk is never fuller than it may be."""

from hypothesis import given
from hypothesis import strategies as st

from schedules.airings import PackageName
from tvclient.adapters.room import HIGH, Choice, Drop, Stock, allot, overflow, release


@st.composite
def disks(draw: st.DrawFn) -> list[Stock]:
    places = iter(draw(st.permutations(range(20))))
    stocks = []
    for number in range(draw(st.integers(0, 8))):
        needs = draw(st.integers(1, 100))
        choices: list[Choice] = []
        for _ in range(draw(st.integers(0, 4))):
            choices.append(Choice(needs, draw(st.integers(choices[0].stored if choices else 0, needs))))
            needs += draw(st.integers(0, 200))
        stored = max((one.stored for one in choices), default=0) + draw(st.integers(0, 50))
        stocks.append(
            Stock(
                name=PackageName(f"p{number}"),
                place=next(places) if draw(st.booleans()) else None,
                aired=draw(st.floats(0, 10)),
                stored=stored,
                choices=tuple(choices),
                playing=number == 0 and draw(st.booleans()),
            )
        )
    return stocks


def after(stocks: list[Stock], drops: tuple[Drop, ...]) -> dict[PackageName, int]:
    """Bytes of each package when these have been carried out."""
    left = {stock.name: stock.stored for stock in stocks}
    by_name = {stock.name: stock for stock in stocks}
    for drop in drops:
        left[drop.name] = 0 if drop.keep is None else by_name[drop.name].choices[drop.keep].stored
    return left


def planned(stocks: list[Stock]) -> list[Stock]:
    return sorted((one for one in stocks if one.place is not None and one.choices), key=lambda one: one.place or 0)


@given(disks(), st.integers(0, 2000))
def test_what_is_allotted_fits_unless_what_is_whole_is_already_too_much(disk: list[Stock], capacity: int) -> None:
    chosen = allot(disk, capacity)
    needed = sum(stock.choices[chosen[stock.name]].needs for stock in planned(disk) if stock.name in chosen)
    whole = sum(stock.choices[0].needs for stock in planned(disk) if stock.choices[0].stored >= stock.choices[0].needs)
    assert needed <= max(int(capacity * HIGH), whole)
    assert chosen.keys() <= {stock.name for stock in planned(disk)}


@given(disks(), st.integers(0, 2000))
def test_nothing_is_better_while_the_smallest_of_something_that_would_fit_is_left_out(
    disk: list[Stock], capacity: int
) -> None:
    chosen = allot(disk, capacity)
    room = int(capacity * HIGH) - sum(stock.choices[0].needs for stock in planned(disk) if stock.name in chosen)
    for stock in planned(disk):
        if stock.name not in chosen:
            assert stock.choices[0].needs > room
    if all(stock.name in chosen for stock in planned(disk)):
        for stock in planned(disk):
            step = chosen[stock.name]
            better = [one.needs - stock.choices[0].needs for one in stock.choices[step + 1 :]]
            assert all(more > room for more in better)
            room -= stock.choices[step].needs - stock.choices[0].needs


@given(disks(), st.integers(0, 2000), st.integers(0, 300))
def test_what_will_air_keeps_its_smallest_rendition_and_what_plays_is_not_touched(
    disk: list[Stock], capacity: int, coming: int
) -> None:
    drops = overflow(disk, allot(disk, capacity), capacity, coming)
    by_name = {stock.name: stock for stock in disk}
    for drop in drops:
        stock = by_name[drop.name]
        assert not stock.playing
        if stock.place is not None and stock.choices:
            assert drop.keep is not None
            assert after(disk, drops)[drop.name] >= stock.choices[0].stored


@given(disks(), st.integers(0, 2000), st.integers(0, 300))
def test_what_may_leave_leaves_until_the_disk_is_no_fuller_than_it_may_be(
    disk: list[Stock], capacity: int, coming: int
) -> None:
    chosen = allot(disk, capacity)
    drops = overflow(disk, chosen, capacity, coming)
    left = sum(after(disk, drops).values()) + coming
    filled = sum(stock.stored for stock in disk) + coming
    if filled <= capacity * HIGH:
        assert drops == ()
    if left > capacity * HIGH:
        for stock in disk:
            if stock.playing:
                continue
            stays = stock.choices[chosen.get(stock.name, 0)].stored if stock in planned(disk) else 0
            assert after(disk, drops)[stock.name] == stays


@given(disks(), st.integers(0, 2000))
def test_the_least_recently_shown_leaves_first(disk: list[Stock], capacity: int) -> None:
    drops = {drop.name for drop in overflow(disk, allot(disk, capacity), capacity)}
    gone = [stock for stock in disk if stock.place is None and not stock.playing]
    left = [stock.aired for stock in gone if stock.name in drops]
    stayed = [stock.aired for stock in gone if stock.name not in drops]
    assert not left or not stayed or max(left) <= min(stayed)


@given(disks(), st.integers(0, 3000))
def test_the_journal_gets_what_it_needs_or_everything_but_what_plays(disk: list[Stock], needed: int) -> None:
    drops = release(disk, needed)
    left = after(disk, drops)
    freed = sum(stock.stored for stock in disk) - sum(left.values())
    untouchable = sum(stock.stored for stock in disk if stock.playing)
    assert freed >= min(needed, sum(stock.stored for stock in disk) - untouchable)
    lost = [stock for stock in planned(disk) if left[stock.name] < stock.choices[0].stored]
    if lost:
        assert all(left[stock.name] == 0 for stock in disk if stock.place is None and not stock.playing)
        earlier = [one for one in planned(disk) if not one.playing and (one.place or 0) > (lost[0].place or 0)]
        assert all(left[one.name] == 0 for one in earlier)
    assert not any(stock.playing and left[stock.name] < stock.stored for stock in disk)
