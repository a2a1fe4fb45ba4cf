"""Plan files: TOML to definitions and back, and the JSON Schema of plan files."""
