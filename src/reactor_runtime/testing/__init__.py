"""What authors test their models with: a model in process, under a virtual clock, with clients.

    from reactor_runtime.testing import Harness

    def test_level():
        with Harness(Glow) as harness:
            client = harness.connect()
            assert client.command("set_level", level=200).ok
            harness.run(1.0)
            assert client.image.mean() == 200

Under pytest the fixture `harness` makes them: `harness(Glow)`.
"""

from ..engine.faults import Fault
from .client import Client, Pending
from .harness import Harness, work
from .received import Answer, Frame, Received
from .virtual_time import VirtualClock

__all__ = ["Answer", "Client", "Fault", "Frame", "Harness", "Pending", "Received", "VirtualClock", "work"]
