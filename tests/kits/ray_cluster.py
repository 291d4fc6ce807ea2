"""A Ray cluster of three machines, which are processes here: its nodes come and go by lines.

As a program: it prints the address, takes ``remove`` and ``add`` on stdin, and ends with it.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from shutil import rmtree

LOOPBACK = "127.0.0.1"


class Machines:
    """The cluster: a head without cores, and two machines of one core each."""

    def __init__(self, process):
        self.process = process
        self.address = process.stdout.readline().strip()

    def tell(self, word):
        """Remove a machine, or add one; return when it is done."""
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline().strip() == word


@contextmanager
def machines():
    """A cluster for as long as it is needed; what its nodes write goes with it."""
    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")  # names of sockets are short
    own = {"RAY_TMPDIR": folder, "RAY_USAGE_STATS_ENABLED": "0"}
    process = subprocess.Popen(
        [sys.executable, __file__],
        env={**os.environ, **own},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Machines(process)
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()
        rmtree(folder, ignore_errors=True)


def main():
    from pathlib import Path

    from ray.cluster_utils import Cluster

    Path(os.environ["RAY_TMPDIR"], "ray").mkdir(exist_ok=True)
    here = {"node_ip_address": LOOPBACK, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **here})
    nodes = [cluster.add_node(num_cpus=1, **here) for _ in range(2)]
    print(cluster.address, flush=True)
    for line in sys.stdin:
        if line.strip() == "remove":
            cluster.remove_node(nodes.pop(), allow_graceful=False)
        else:
            nodes.append(cluster.add_node(num_cpus=1, **here))
        print(line.strip(), flush=True)
    cluster.shutdown()


if __name__ == "__main__":
    main()
