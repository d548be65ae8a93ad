"""Names of the case desk's pages: a contract with other apps."""

urlpatterns: list = []
