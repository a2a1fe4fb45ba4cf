"""Plan files: TOML to definitions and back, and their JSON Schema."""
