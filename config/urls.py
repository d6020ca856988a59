from django.urls import include, path

urlpatterns = [
    path("", include("campaigns.home.urls")),
    path("people/", include("config.accounts.urls")),
]
