"""Print a hash of what every corruption makes of the small samples; run in other processes."""

import hashlib
import json
import sys

import corruption_samples as samples
from mmaudit.testing.questions import frozen


def digests(names):
    found = {}
    for name in names:
        whole = hashlib.sha256()
        for i, clean in enumerate(samples.small(name.partition("/")[0])):
            for severity in (1, 3, 5):
                out = samples.damaged(name, clean, severity, str(i))
                whole.update(repr(frozen(out)).encode("utf-8", "backslashreplace"))
        found[name] = whole.hexdigest()
    return found


if __name__ == "__main__":
    print(json.dumps(digests(sys.argv[1:])))
