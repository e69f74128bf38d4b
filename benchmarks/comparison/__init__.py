"""The project against what people do now, on the same files."""
