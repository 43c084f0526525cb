"""What stands between the network and the routes: errors, headers, origins, pages, health."""
