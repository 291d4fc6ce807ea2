"""What findings are called that no check of quality makes."""

UNREADABLE, DUPLICATE, NEAR = "unreadable", "duplicate", "near_duplicate"
LEAK, ONE_SIDED, LABEL = "across_splits", "one_sided_copy", "label"
DISAGREEMENT = "disagreement"  # of what two modalities say of the class
ABSENT = "absent"  # no finding of a value, and compared as if it were
