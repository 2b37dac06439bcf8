"""`reasoning-gym-envs list`: what there is to play."""

from reasoning_gym_envs import ENVIRONMENTS


def test_every_id_with_what_it_is(call):
    status, output, errors = call("list")
    assert (status, errors) == (0, "")
    lines = output.splitlines()
    assert [line.split()[0] for line in lines] == list(ENVIRONMENTS)
    assert all(
        entry.summary in line for entry, line in zip(ENVIRONMENTS.values(), lines, strict=True)
    )
