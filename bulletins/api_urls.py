"""Names of the bulletins's addresses in the API."""

urlpatterns: list = []
