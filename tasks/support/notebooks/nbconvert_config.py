"""Configures nbconvert for Deno's kernel.

The kernel (2.9.6) sends one output in about fifteen just after the state "idle", at which nbconvert
stops to listen to a cell: such outputs would be lost. Here it listens a moment longer. And it ends with
its input, whose other end the task holds: then it is stopped, or was killed. The kernel, which is on
a leash, ends with its own, which is held here.
"""

import asyncio
import os
import threading

from jupyter_client.provisioning import local_provisioner
from nbclient import NotebookClient

LINGER_SECONDS = 0.3

listen = NotebookClient._async_poll_output_msg


async def listen_longer(self, parent_msg_id, cell, cell_index):
    await listen(self, parent_msg_id, cell, cell_index)
    late = listen(self, parent_msg_id, cell, cell_index)
    try:
        await asyncio.wait_for(late, LINGER_SECONDS)
    except asyncio.TimeoutError:
        pass


NotebookClient._async_poll_output_msg = listen_longer

launch_kernel = local_provisioner.launch_kernel
leash, _held = os.pipe()


def launch_leashed(command, **options):
    return launch_kernel(command, **{**options, "stdin": leash})


local_provisioner.launch_kernel = launch_leashed


def end_with_input():
    os.read(0, 1)
    os._exit(1)


threading.Thread(target=end_with_input, daemon=True).start()
