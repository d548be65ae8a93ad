"""Names of the pages of enterprises: a contract with other apps."""


urlpatterns: list = []
