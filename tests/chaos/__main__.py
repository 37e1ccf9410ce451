"""Kill the web server and the worker at random instants, again and again, while calls come in.

    python -m tests.chaos --kills 300 [--seed N] [--data DIR]

Real processes, real database, real files; only the speech engines are canned. What is sent, what is killed
and when all follow from the seed (how the processes interleave does not). At the end:

- every upload that was acknowledged is there, with its SHA-256, and none is there twice;
- every call has its recording and every recording folder its call;
- every call that was acknowledged becomes ready, after a retry where its worker was killed three times.
"""

import argparse
import random
import secrets
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.chaos.check import wrongs
from tests.chaos.client import Uploader
from tests.chaos.house import House

UPLOADERS = 4
HASTY = 0.25
"""Share of the kills that may strike a process while it is still starting."""
HASTY_SECONDS = 0.5
LONGEST_AT_WORK_SECONDS = 2.0


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.splitlines()[0])
    options.add_argument("--kills", type=int, default=300)
    options.add_argument("--seed", type=int, default=None)
    options.add_argument(
        "--data", type=Path, default=None, help="an empty folder, kept; default: a temporary one"
    )
    asked = options.parse_args()
    seed = asked.seed if asked.seed is not None else secrets.randbelow(2**31)
    print(f"seed {seed} (replay: make chaos SEED={seed})", flush=True)
    if asked.data is not None:
        return chaos(seed, asked.kills, asked.data)
    with tempfile.TemporaryDirectory(prefix="bothsides-chaos-") as folder:
        return chaos(seed, asked.kills, Path(folder))


def chaos(seed: int, kills: int, data: Path) -> int:
    """One run; 0 when nothing was wrong afterwards."""
    chance = random.Random(seed)
    stop = threading.Event()
    began = time.monotonic()
    with House(data) as house:
        uploaders = [
            Uploader(house.url, random.Random(f"{seed}-{n}"), f"u{n}", stop) for n in range(UPLOADERS)
        ]
        for uploader in uploaders:
            uploader.start()
        for number in range(1, kills + 1):
            if chance.random() < HASTY:
                time.sleep(chance.uniform(0.0, HASTY_SECONDS))
            else:
                house.wait_until_it_answers()
                time.sleep(chance.uniform(0.0, LONGEST_AT_WORK_SECONDS))
            house.kill(chance.choice(("web", "worker")))
            if number % 25 == 0:
                acknowledged = sum(len(uploader.acknowledged) for uploader in uploaders)
                print(f"{number} kills, {acknowledged} uploads acknowledged", flush=True)
        stop.set()
        for uploader in uploaders:
            uploader.join()
        sent = {key: value for uploader in uploaders for key, value in uploader.acknowledged.items()}
        retried = house.settle()
        found = wrongs(house, sent)
    surprises = [line for uploader in uploaders for line in uploader.surprises]
    print(
        f"{kills} kills ({house.killed['web']} web, {house.killed['worker']} worker) in "
        f"{time.monotonic() - began:.0f} s; {len(sent)} uploads acknowledged; "
        f"{retried} calls set aside and retried"
    )
    for line in [*surprises, *found]:
        print("WRONG:", line)
    print("FAIL" if surprises or found else "nothing lost, nothing twice, nothing half-made")
    return 1 if surprises or found else 0


if __name__ == "__main__":
    sys.exit(main())
