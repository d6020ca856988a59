from allauth.account import views as allauth
from django.urls import path

from config.accounts import views

# Of allauth's pages those that a closed house needs: nobody signs up, and passwords are reset by an administrator.
urlpatterns = [
    path("sign-in/", allauth.login, name="account_login"),
    path("sign-out/", allauth.logout, name="account_logout"),
    path("signed-in/", views.signed_in, name="signed_in"),
    path("password/", allauth.password_change, name="account_change_password"),
    path("", views.people, name="people"),
    path("new/", views.person_new, name="person_new"),
    path("<int:pk>/", views.person, name="person"),
]
