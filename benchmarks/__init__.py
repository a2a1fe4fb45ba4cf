"""Measurements that anyone can repeat; README.md says what each one asks."""
