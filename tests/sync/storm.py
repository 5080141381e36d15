"""What each worker does in a storm: everything there is, over and over, whether or not another is at it already.

``STORM`` in the environment names a folder: a file of a collection's name is there while somebody syncs it, one of its
name and "twice" where two did at once, and ``ran`` and ``refused`` grow with each run and each lease that was taken.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

from integrations.models import Collection
from integrations.sync import loop, poll


def work() -> None:
    """Until the process is killed."""
    folder, run = Path(os.environ["STORM"]), loop.run_claimed

    def run_alone(collection: Collection) -> None:
        mine = folder / str(collection.pk)
        try:
            mine.touch(exist_ok=False)
        except FileExistsError:
            mine.with_suffix(".twice").touch()
        run(collection)
        mine.unlink(missing_ok=True)

    loop.run_claimed = run_alone
    while True:
        ids = list(Collection.objects.values_list("connection_id", "service", "pk"))
        random.shuffle(ids)
        for connection, service, pk in ids:
            together = [other for *of, other in ids if of == [connection, service]]
            ran = poll.run(together) if pk % 5 == 0 else loop.run(pk)
            with (folder / ("ran" if ran else "refused")).open("a") as told:
                told.write(".")
