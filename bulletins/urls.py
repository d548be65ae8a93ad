"""Names of the bulletins's pages: a contract with other apps."""

urlpatterns: list = []
