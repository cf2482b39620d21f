"""Compiled networks kept on disk and found again."""
