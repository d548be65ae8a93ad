"""Names of the case desk's addresses in the API."""

urlpatterns: list = []
