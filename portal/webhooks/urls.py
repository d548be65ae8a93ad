"""Names of the pages of webhooks."""

from django.urls import path

from portal.webhooks import views

urlpatterns = [
    path("webhooks/", views.index, name="webhooks"),
    path("webhooks/new/", views.new, name="webhook-new"),
    path("webhooks/<int:pk>/", views.target, name="webhook"),
    path("webhooks/<int:pk>/edit/", views.edit, name="webhook-edit"),
    path("webhooks/<int:pk>/secret/", views.renew_secret, name="webhook-secret"),
    path("webhooks/events/<int:pk>/", views.event, name="webhook-event"),
    path("webhooks/events/<int:pk>/replay/", views.replay, name="webhook-replay"),
    path("webhooks/deliveries/<int:pk>/send-again/", views.send_again, name="webhook-send-again"),
]
