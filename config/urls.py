from django.urls import include, path

urlpatterns = [
    path("", include("campaigns.home.urls")),
    path("", include("campaigns.launches.urls")),
    path("", include("campaigns.planning.urls")),
    path("", include("campaigns.segments.urls")),
    path("", include("campaigns.customers.urls")),
    path("", include("destinations.urls")),
    path("", include("destinations.sandbox.urls")),
    path("people/", include("config.accounts.urls")),
]
