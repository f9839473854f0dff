"""`make demo` and `make demo-check`: the whole system on sample lessons, for a person or as a check.

python -m tests.demo            runs until Ctrl-C and says what to try
python -m tests.demo --check    presses the keys itself, reads the report, exits 0 only if it tells the truth
"""

import argparse
import os
import signal
import sys
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import msgspec

from tests.demo import check, exchange, office, story, township
from tests.demo.desk import Refused
from tests.demo.people import ACCOUNTS, PASSWORD
from tests.demo.stack import ROOT, NotReady, Ports, Stack, free_port, fresh, listens
from tests.demo.story import ZONE, Evening, StoryBroken

PREFERRED = Ports(http=8080, https=8443, app=8081, mqtt=1883, mqtts=8883, mirror=8090, sms=2775)
SAMPLES = ROOT / "var" / "samples"


def main() -> int:
    """Run the demonstration; 1 with a sentence where it did not come out."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description=__doc__)
    parser.add_argument("--check", action="store_true", help="without a person, on free ports, in a fresh folder")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier demo left")
    given = parser.parse_args()
    try:
        return check.run(SAMPLES) if given.check else _show(given.fresh)
    except (NotReady, Refused, StoryBroken) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _show(anew: bool) -> int:
    folder = ROOT / "var" / "demo-system"
    if anew:
        fresh(folder)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    ports = _ports(folder)
    known = folder / "evening.json"
    if not SAMPLES.exists():
        print("Making sample recordings (kept for the next time)")
    samples = story.make_recordings(SAMPLES, print)
    print("Starting broker, web server, content server, worker and link")
    with Stack(folder, ports) as stack:
        last = story.remembered(known)
        if last is None:
            print("Regions of Shizuishan, stations, accounts, members")
            story.furnish(stack)
        print("Opening the television")
        stack.start_television()
        code = story.enrol_television(stack)
        if code:
            print(f"  It showed the code {code}; 杨桂兰 entered it for 马场村.")
        if last is None:
            print("Uploading and transcoding; another person approves")
        lessons = last.lessons if last else story.prepare_lessons(stack, samples)
        if last is None:
            print("A quiz, a notice, prices, an offer, a question with its answer")
            exchange.furnish(stack, lessons[0])
            print("A project, an article, a message")
            office.furnish(stack, lessons[0])
            print("通伏乡: branches and people, a work book, documents, a forum")
            township.furnish(stack)
        evening = story.plan_evening(stack, lessons, timedelta(seconds=60), last.slots if last else ())
        story.remember(known, evening)
        print(_what_to_try(stack, evening, time.monotonic() - started))
        signal.pause()
    return 0


def _ports(folder: Path) -> Ports:
    """The ports of the folder's earlier run, because its television knows them; else the preferred or free ones.

    Where somebody else listens on an earlier port, the folder is emptied and everything begins anew.
    """
    kept = folder / "ports.json"
    if kept.exists():
        with suppress(msgspec.ValidationError):  # an older demonstration, whose television knows no TLS
            earlier = msgspec.json.decode(kept.read_bytes(), type=Ports)
            if not any(map(listens, msgspec.structs.astuple(earlier))):
                return earlier
        print("The earlier demonstration's ports will not do; beginning anew")
        fresh(folder)
    names = zip(Ports.__struct_fields__, msgspec.structs.astuple(PREFERRED), strict=True)
    wanted = [int(os.environ.get(f"YUANJIAO_DEMO_{name.upper()}_PORT", port)) for name, port in names]
    ports = Ports(*(free_port() if listens(port) else port for port in wanted))
    folder.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(msgspec.json.encode(ports))
    return ports


def _what_to_try(stack: Stack, evening: Evening, seconds: float) -> str:
    accounts = "\n".join(f"    {a.username:<13}{a.name}   {a.does}" for a in ACCOUNTS)
    if stack.screen.virtual:
        remote = f"http://127.0.0.1:{stack.ports.mirror}/    the television's live picture and a remote to click"
    else:
        remote = "its own window: arrows, Enter, Esc, digits, F1-F4 for the red, green, yellow and blue key"
    start = evening.start.astimezone(ZONE)
    return f"""
Ready after {seconds:.0f} s.

  Web pages     {stack.url}/    (boxes come by TLS: {stack.box_url}/)
  Television    {remote}
  Logs          {stack.folder / "logs"}

  Accounts (password {PASSWORD})
{accounts}

  At {start:%H:%M:%S} (Asia/Shanghai) the television starts {evening.lessons[0].title}.

  Try: press the green key (F2): arrows find a name, OK signs it in. Or type 0427, then OK: 王*芳 has signed in.
       Sign in on the web as wanglixin and open the attendance report.
       Sign in as limin, drag another lesson into the week, submit it; approve it as maxiaofeng; watch it arrive.
       During the lesson press the blue key (F4) and ask; answer as zhouzhiyuan at /cases: it comes to the television.
       A question comes over the picture after twenty seconds: 1 to 3 answer it; see /quizzes/results as wanglixin.
       Prices and what villages offer: 行情 on the television, /market on the web; notices: /notices.
       As wanglixin: 组织工作 has the branches and people of 通伏乡, its documents, work book, assessment, forum.
       There a member's page gives them an address for their phone: own hours, the online school, the forum.
       Open /readiness: will tonight work, and if not, why? Open /programme: what the villagers see, with a poster.
       Write an alert as wanglixin, approve it as maxiaofeng: it fills the television within two seconds.
       kill -9 any process: it comes back, and nothing is lost.

  Ctrl-C ends everything.
"""


if __name__ == "__main__":
    sys.exit(main())
