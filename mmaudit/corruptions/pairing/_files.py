"""Files: the order in which rows lie in a file, for mistakes that shift or sort a part of it.

The order is that of the ids, with numbers inside them read as numbers (``row9`` before ``row10``).
So what happens to a sample does not depend on how the rows are listed.
"""

from mmaudit.arrays import Ints
from mmaudit.corruptions import row_selection
from mmaudit.corruptions.base import Rows
from mmaudit.corruptions.entry_selection import placed
from mmaudit.names import natural
from mmaudit.seeds import words


def in_file_order(rows: Rows) -> Ints:
    """The rows whose value is there, in the order of their ids."""
    there = row_selection.present_rows(rows)
    keys = [natural(rows.ids[i], spelling=True) for i in there]
    return there[sorted(range(there.size), key=keys.__getitem__)]


def run(rows: Rows, rate: float, seed: int, purpose: str) -> Ints:
    """Neighbouring rows, exactly a share, from a random place on; nested over rates."""
    order = in_file_order(rows)
    k = row_selection.count(rate, order.size)
    return order[placed(k, order.size, float(words(seed, purpose).uniforms(1)[0]))]
