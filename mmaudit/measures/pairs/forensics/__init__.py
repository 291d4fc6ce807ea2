"""Forensics: mismatches that have one cause, such as one side shifted by a row, and their repair.

Similarity is looked at as a function of where the partner is: at every offset, back to front, in
blocks; in the whole file and in each of its shards. A defect is named only if undoing it beats the
order of the file beyond doubt, which no random mismatch does.
"""
