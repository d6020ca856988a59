from django.urls import path

from destinations import credential_views, views

urlpatterns = [
    path("destinations/", views.destination_list, name="destination_list"),
    path("destinations/new/", views.destination_new, name="destination_new"),
    path("destinations/preview/", views.destination_preview, name="destination_preview"),
    path("destinations/<int:pk>/", views.destination, name="destination"),
    path("destinations/<int:pk>/edit/", views.destination_edit, name="destination_edit"),
    path("destinations/<int:pk>/check/", views.destination_check, name="destination_check"),
    path("destinations/<int:pk>/accept-key/", views.destination_accept_key, name="destination_accept_key"),
    path("destinations/<int:pk>/disable/", views.destination_disable, name="destination_disable"),
    path("destinations/<int:pk>/enable/", views.destination_enable, name="destination_enable"),
    path("destinations/<int:pk>/delete/", views.destination_delete, name="destination_delete"),
    path("credentials/", credential_views.credential_list, name="credential_list"),
    path("credentials/new/", credential_views.credential_new, name="credential_new"),
    path("credentials/<int:pk>/", credential_views.credential, name="credential"),
    path("credentials/<int:pk>/delete/", credential_views.credential_delete, name="credential_delete"),
]
