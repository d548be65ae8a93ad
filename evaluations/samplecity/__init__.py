"""The sample city: a whole city package, invented on Wuhan's real places, for the demo and for trying things out.

Places are real (``data/wuhan``), the registers' totals are the 2021 report's own (:mod:`.figures`); every enterprise,
neighbourhood and case is invented. The same seed and date give the same files byte for byte.
"""
