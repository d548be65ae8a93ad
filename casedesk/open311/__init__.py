"""Open311 GeoReport v2: existing clients file cases here and follow them.

Source: https://wiki.open311.org/GeoReport_v2 and https://wiki.open311.org/Service_Discovery (both frozen). Extensions in
use elsewhere: ``page`` and ``page_size``, ``updated_after``, ``media`` as a file of a multipart form.

What a status means here: **open** from the report until it was handled, and again while a further round is handled;
**closed** once it was handled (then the resident may rate it), closed or excluded; ``status_notes`` says which.
"""
