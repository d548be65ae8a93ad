"""The annual overview: every figure of the city's report on property management, counted again from dated records.

``figures.csv`` holds the figures of the 2021 report of the city's property management research group (18 November 2021), one
a line: key, value as printed (``2200+`` is "and more", ``(approx.)`` is "about"), unit, the day it speaks of, and the words
it is quoted from. :mod:`.definitions` says how each is counted, :mod:`.counting` counts it, :mod:`.lines` puts both beside
each other.
"""
