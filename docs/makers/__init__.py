"""What makes the pages of ``docs/reference``: one module a kind of page, one a kind of picture."""
