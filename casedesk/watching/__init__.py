"""Watching for gaming: signs that a rating is not a resident's own, and figures by unit and time that an auditor follows.

``rules`` judges, ``counting`` counts, ``lists`` shows the cases behind a number.
"""
