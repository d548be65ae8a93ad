"""Why a neighbourhood stands where it stands: one object, the same in page, PDF and API."""
