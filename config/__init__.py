"""配置。Config chooses: typed settings, the organisation's policies as TOML, the wording."""
