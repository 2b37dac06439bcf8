"""Conformance: what a text environment promises, checked on anybody's."""

from reasoning_gym_envs.conformance.checks import CHECKS, Finding, check_environment

__all__ = ["CHECKS", "Finding", "check_environment"]
