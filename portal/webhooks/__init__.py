"""Webhooks: other systems are told of what was published and corrected, signed, with retries, and again on request.

``actions.emit`` writes an event in the caller's transaction and a delivery to each target that wants its kind; ``delivery``
sends what waits. Events are public: their payloads name nothing that is not.
"""
