"""Benchmarks: every figure is a ratio against something named, measured side by side in one run."""
