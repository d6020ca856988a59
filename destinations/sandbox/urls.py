from django.urls import path

from destinations.sandbox import views

urlpatterns = [path("sandbox/", views.sandbox_segments, name="sandbox_segments")]
