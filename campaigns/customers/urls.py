from django.urls import path

from campaigns.customers import columns, defaults, views

urlpatterns = [
    path("customer-databases/", views.customer_database_list, name="customer_database_list"),
    path("customer-databases/new/", views.customer_database_new, name="customer_database_new"),
    path("customer-databases/<int:pk>/", views.customer_database, name="customer_database"),
    path("customer-databases/<int:pk>/edit/", views.customer_database_edit, name="customer_database_edit"),
    path("customer-databases/<int:pk>/table/", columns.customer_table, name="customer_table"),
    path(
        "customer-databases/<int:pk>/refresh/",
        views.customer_database_refresh,
        name="customer_database_refresh",
    ),
    path(
        "customer-databases/<int:pk>/delete/", views.customer_database_delete, name="customer_database_delete"
    ),
    path(
        "customer-databases/<int:pk>/default-attributes/",
        defaults.default_attributes,
        name="default_attributes",
    ),
]
