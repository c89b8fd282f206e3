"""编排服务。Prefect as part of the service: its server, its runner, its deployments."""
