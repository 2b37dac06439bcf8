"""Runs as one HTML file: what came out, with plots, and every transcript to be read."""

from reasoning_gym_envs.evaluation.report.page import write_report

__all__ = ["write_report"]
