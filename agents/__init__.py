"""The baseline agents: one algorithm a file, each to be read from top to bottom.

Every agent that learns has ``act(observation, info)``, ``learn``, ``save`` and ``load``; those of
``agents.inference`` are wrappers around any player of an evaluation.  They use only the
public interface of the environments, so what an agent needs here, any agent can have.  What
several of them need stands in ``agents.common``.
"""
