"""Data integrity: what the registers say that cannot be right, what they lack, what they hold twice; and merging the latter.

An app offers its checks as ``AppConfig.integrity_checks`` (:class:`portal.integrity.checks.Check`), as it offers home cards.
"""
