"""Plan workbooks that come back: what was edited in them is merged, and nothing is typed twice."""
