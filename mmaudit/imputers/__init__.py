"""Imputers: parts that fill in an absent value by what is present of the same sample."""
