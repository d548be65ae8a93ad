"""Names of the pages of estates: a contract with other apps."""


urlpatterns: list = []
