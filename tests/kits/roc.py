"""The area under a ROC curve and its variance by DeLong, DeLong and Clarke-Pearson 1988."""


def delong(positive, negative):
    """The area, and DeLong's variance of it, of the scores of positives and of negatives."""
    above = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    by_positive, by_negative = above.mean(axis=1), above.mean(axis=0)
    variance = by_positive.var(ddof=1) / positive.size + by_negative.var(ddof=1) / negative.size
    return float(above.mean()), float(variance)
