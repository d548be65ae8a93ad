"""Workbooks in and out of the registers: upload, check, apply, undo; exports. One pipeline for every register."""
