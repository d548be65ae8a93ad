"""Names of the pages of evaluations: a contract with other apps."""


urlpatterns: list = []
