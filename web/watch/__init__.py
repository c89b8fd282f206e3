"""健康。How the service is, for a monitor."""
