"""Spreadsheets as people write them: cells understood, workbooks read, written, and given back with what is wrong in them.

Nothing here knows of registers: whoever reads or writes brings :class:`~portal.spreadsheets.columns.Column` objects.
"""
