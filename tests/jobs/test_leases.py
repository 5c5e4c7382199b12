"""Leases on GPUs: held as long as any process of the holder lives, told apart by a token that grows."""

from __future__ import annotations

import os
import subprocess
import sys

from wunderkammer.jobs.leases import Leases

DEVICE = "GPU-5f1b"


def test_a_device_is_granted_to_one_at_a_time(tmp_path):
    leases = Leases(tmp_path)
    assert leases.holder(DEVICE) is None
    first = leases.grant(DEVICE, "a")
    assert first is not None

    assert leases.grant(DEVICE, "b") is None
    assert leases.holder(DEVICE) == "a"
    os.close(first.handle)
    assert leases.holder(DEVICE) is None


def test_the_token_grows_with_every_grant_and_shuts_out_the_one_before(tmp_path):
    leases = Leases(tmp_path)
    tokens = []
    for _ in range(12):  # one digit more on the way
        lease = leases.grant(DEVICE, "a")
        assert lease is not None
        assert lease.current
        os.close(lease.handle)
        tokens.append(lease.token)

    assert tokens == list(range(1, 13))
    assert not leases.known(DEVICE, 11).current
    assert leases.known(DEVICE, 12).current


def test_a_process_that_inherited_the_lease_keeps_it_when_its_parent_lets_go(tmp_path):
    leases = Leases(tmp_path)
    lease = leases.grant(DEVICE, "a")
    assert lease is not None
    heir = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[lease.handle])
    os.close(lease.handle)

    assert leases.holder(DEVICE) == "a"
    assert leases.grant(DEVICE, "b") is None
    heir.kill()
    heir.wait()
    assert heir.stdin is not None
    heir.stdin.close()
    after = leases.grant(DEVICE, "b")
    assert after is not None
    assert after.token == lease.token + 1
    os.close(after.handle)
