"""Starts a participant's container on a network of its own, which only the hub and the proxy join.

The hub listens on none of these networks: programs there reach its API through the proxy, which limits them."""

import asyncio
import contextlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import docker
from dockerspawner import DockerSpawner
from jupyterhub.utils import exponential_backoff
from traitlets import Any, Bool, Unicode, validate

import words

ALIAS = "workshop-hub"  # the proxy's name on a participant's network
ROOM = 400 << 20  # bytes of memory that are free when another server starts


class Queue:
    """Starts servers in the order in which they were asked for, as many at once as the processors can start in a few seconds, and
    only while there is memory. All at once, each would take so long that all would fail."""

    def __init__(self, most=8):
        self.most, self.starting, self.waiting = most, 0, []

    def before(self, it):
        """How many start before this one; None if its turn has come."""
        return self.waiting.index(it) + self.starting if it in self.waiting else None

    @contextlib.asynccontextmanager
    async def turn(self, it):
        self.waiting.append(it)
        try:
            while self.waiting[0] is not it or self.starting >= self.most or memory() < ROOM:
                await asyncio.sleep(0.2)
        finally:
            self.waiting.remove(it)
        self.starting += 1
        try:
            yield
        finally:
            self.starting -= 1


def memory():
    """Bytes that the machine has for more programs."""
    with open("/proc/meminfo") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("MemAvailable:"))


class NetworkSpawner(DockerSpawner):
    queue = Queue()
    project = Unicode(config=True, help="the name of the compose project")
    subnets = Any(config=True, help="the range that participants' networks are taken from")
    internet = Bool(config=True)

    user_options = Any({})

    @validate("user_options")
    def _no_options(self, proposal):
        """What a participant asks of the hub's API with a server is not an option here; it would be kept, and stop every later start."""
        return {}

    making = threading.Lock()  # two networks made at once would get the same addresses

    @property
    def executor(self):
        """DockerSpawner's executor has one thread; thirty people may log in at once."""
        cls = NetworkSpawner
        if cls._executor is None:
            cls._executor = ThreadPoolExecutor(8)
        return cls._executor

    @property
    def own_network(self):
        return f"{self.project}-{self.escaped_name}"

    async def create_object(self):
        self.network_name = self.own_network
        await self.threaded(self.make_network)
        self.extra_create_kwargs = {"labels": {"unroll.project": self.project, "unroll.user": self.user.name},
                                    "hostname": "lab"}  # fmt: skip
        await self.threaded(self.make_volume)
        return await super().create_object()

    async def progress(self):
        """What the page of a starting server says."""
        while (before := self.queue.before(self)) is not None:
            yield {"progress": 10, "message": words.QUEUE.format(n=before) if before else words.QUEUE_MEMORY}
            await asyncio.sleep(2)
        yield {"progress": 50, "message": words.STARTING}

    async def start(self):
        async with self.queue.turn(self):
            return await asyncio.wait_for(self.start_now(), self.http_timeout)

    async def start_now(self):
        ip, port = await super().start()

        async def answers():
            try:
                _, writer = await asyncio.open_connection(ip, port)
            except OSError:
                return False
            writer.close()
            return True

        # The hub itself would poll with intervals of up to 5 s.
        await exponential_backoff(answers, f"{self.container_name} does not answer", max_wait=0.3, timeout=self.http_timeout)
        return ip, port

    async def poll(self):
        status = await super().poll()
        if status is None:
            try:  # the hub or the proxy may have a new container
                await self.threaded(self.join)
            except docker.errors.APIError as error:
                self.log.warning("%s: %s", self.own_network, error)
        return status

    async def stop(self, now=False):
        await super().stop(now)
        await self.threaded(self.remove_network)

    def threaded(self, function):
        return asyncio.get_running_loop().run_in_executor(self.executor, function)

    def make_volume(self):
        for name in self.volumes:
            self.client.create_volume(
                self.format_volume_name(name, self),
                labels={"unroll.project": self.project, "unroll.user": self.user.name},
            )

    def make_network(self):
        with self.making:
            if not self.client.networks(names=[f"^{self.own_network}$"]):
                self.client.create_network(
                    self.own_network,
                    internal=True,
                    labels={"unroll.project": self.project, "unroll.user": self.user.name},
                    ipam=docker.types.IPAMConfig(pool_configs=[docker.types.IPAMPool(subnet=self.free_subnet())]),
                    # The host has no address on it, so that the teacher's machine cannot be reached.
                    # The first option is for engines before 28, the second for later ones.
                    options={
                        "com.docker.network.bridge.inhibit_ipv4": "true",
                        "com.docker.network.bridge.gateway_mode_ipv4": "isolated",
                    },
                )
        self.join()

    def free_subnet(self):
        """Eight addresses: the container, the hub, the two proxies, and those that a network reserves."""
        taken = set()
        for network in self.client.networks():
            for pool in network["IPAM"].get("Config") or ():
                taken.add(pool.get("Subnet"))
        for subnet in self.subnets.subnets(new_prefix=29):
            if str(subnet) not in taken:
                return str(subnet)
        raise RuntimeError(f"All of {self.subnets} is in use: set UNROLL_SUBNETS to a larger range")

    def join(self):
        """Connects the hub and the proxies to the network, if they are not connected yet."""
        on_it = self.client.inspect_network(self.own_network)["Containers"]
        services = {"hub": [], "proxy": [ALIAS]} | ({"internet": ["internet"]} if self.internet else {})
        for service, aliases in services.items():
            for container in find_service(self.client, self.project, service):
                if container["Id"] not in on_it:
                    try:
                        self.client.connect_container_to_network(container["Id"], self.own_network, aliases=aliases)
                    except docker.errors.APIError as error:
                        if "already exists" not in str(error):
                            raise

    def remove_network(self):
        try:
            network = self.client.inspect_network(self.own_network)
            for container in network["Containers"]:
                self.client.disconnect_container_from_network(container, self.own_network, force=True)
            self.client.remove_network(self.own_network)
        except docker.errors.APIError as error:
            if error.status_code != 404:
                self.log.warning("%s stays: %s", self.own_network, error)


def find_service(client, project, service):
    labels = [f"com.docker.compose.project={project}", f"com.docker.compose.service={service}",
              "com.docker.compose.oneoff=False"]  # fmt: skip
    return client.containers(filters={"label": labels, "status": "running"})


def own_project(client):
    """The compose project that this container belongs to."""
    return client.inspect_container(os.environ["HOSTNAME"])["Config"]["Labels"]["com.docker.compose.project"]
