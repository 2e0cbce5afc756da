"""What it costs to bring a person's bodies to the window: `python -m tests.bench.parcel_speed`.

Processor time of the thread that receives them; with the interpreter's lock it only unpickles.
"""

import pickle
import socket
import sys
import time
from threading import Thread

import numpy as np

from app import parcels
from tests.bench.queue_speed import tell

BODIES = 58, 6956, 3
ROUNDS = 20


def main() -> int:
    vertices = np.random.default_rng(0).normal(size=BODIES).astype(np.float32)
    ours, theirs = socket.socketpair()
    whole, locked = [], []
    for _ in range(ROUNDS):
        sender = Thread(target=parcels.send, args=(theirs, vertices))
        sender.start()
        begun = time.thread_time()
        received = parcels.receive(ours)
        whole.append(time.thread_time() - begun)
        sender.join()
        beside: list[pickle.PickleBuffer] = []
        pickled = pickle.dumps(received, protocol=5, buffer_callback=beside.append)
        begun = time.thread_time()
        pickle.loads(pickled, buffers=beside)
        locked.append(time.thread_time() - begun)
    for end in (ours, theirs):
        end.close()
    for what, seconds in (("received", whole), ("of it with the interpreter's lock", locked)):
        tell(f"{vertices.nbytes / 1e6:.1f} MB {what:<36}{1e3 * np.median(seconds):8.3f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
