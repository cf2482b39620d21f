"""Compiled shortest-path searches on flat arrays, and the threads that share them."""
