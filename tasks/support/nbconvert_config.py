"""Configures nbconvert for Deno's kernel.

The kernel (2.9.6) sends one output in about fifteen just after the state "idle", at which nbconvert
stops to listen to a cell: such outputs would be lost. Here it listens a moment longer.
"""

import asyncio

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
