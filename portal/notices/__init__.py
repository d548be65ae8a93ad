"""Notices: one recorded outbox for what the portal tells people, in the portal itself, by e-mail and by SMS.

``actions.notify`` writes a notice in the caller's transaction; ``delivery`` sends what waits through a gateway, with retries.
"""
