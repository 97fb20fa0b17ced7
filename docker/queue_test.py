"""Servers start in turns. It runs in the hub's image, which has the spawner's libraries."""

from conftest import docker

CHECK = r"""
import asyncio
import spawner

async def main():
    queue, order, most, free = spawner.Queue(2), [], [0], [1 << 40]
    spawner.memory = lambda: free[0]

    async def start(name, seconds=0.3):
        async with queue.turn(name):
            order.append(name)
            most[0] = max(most[0], queue.starting)
            await asyncio.sleep(seconds)
            if name == 3: raise OSError

    tasks = [asyncio.create_task(start(name)) for name in range(6)]
    await asyncio.sleep(0.05)
    assert [queue.before(name) for name in range(6)] == [None, None, 2, 3, 4, 5], [queue.before(name) for name in range(6)]
    tasks[4].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == [0, 1, 2, 3, 5] and most == [2] and queue.starting == 0 and not queue.waiting, (order, most)
    free[0] = 0
    late = asyncio.create_task(start("late"))
    await asyncio.sleep(0.7)
    assert queue.before("late") == 0 and "late" not in order
    free[0] = 1 << 40
    await asyncio.wait_for(late, 5)
    assert spawner.Queue().most == 8
    print("in turns")

asyncio.run(main())
"""


def test_in_turns(images):
    assert docker("run", "--rm", "--network=none", "unroll-hub", "python", "-c", CHECK) == "in turns"
