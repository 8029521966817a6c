"""Two hosts of which one has an address that moves, by keepalived.

Each host is a network of its own. A bridge joins them to the network of the test, which has the web
servers and all other servers that everybody must reach:

    test's network, 10.88.0.254 --- bridge --- host 1, 10.88.0.1 ---\\
                                          \\--- host 2, 10.88.0.2 ----- 10.88.0.100, on one of them

Tests of netns.PrivateNetworkTestCase use it.
"""

import os

from netns import another_network, run_in, run_ip
from process import FarmError, Process, wait_until

ADDRESS = "10.88.0.100"
PORT = 11211
BRIDGE = "10.88.0.254"

# The configuration of docs/moving-address.md, with other names. It is without script security,
# because everybody may write in /tmp.
KEEPALIVED_CONF = """
global_defs {{
    router_id {name}
    script_user root
}}
vrrp_script answers {{
    script "{check}"
    interval 1
    timeout 1
    fall 1
    rise 2
}}
vrrp_instance sessions {{
    state BACKUP
    nopreempt
    interface eth0
    virtual_router_id 51
    priority {priority}
    advert_int 1
    unicast_src_ip {own}
    unicast_peer {{
        {peer}
    }}
    virtual_ipaddress {{
        {address}/24
    }}
    track_script {{
        answers
    }}
}}
"""

CHECK = f"""#!/bin/bash
# Succeeds if something answers as memcached does.
exec 3<> /dev/tcp/127.0.0.1/{PORT} || exit 1
printf 'get health\\r\\nquit\\r\\n' >&3
read -r -t 1 line <&3 && [[ $line == END* ]]
"""


class Host:
    """One of the two. command(host) is the program, with arguments, that it runs on PORT."""

    def __init__(self, folder, number, command):
        self.number = number
        self.name = f"host{number}"
        self.own = f"10.88.0.{number}"
        self.peer = f"10.88.0.{3 - number}"
        self._folder = folder
        self._command = command(self)
        self._service = self._keepalived = None
        self._room = another_network(self.path("room.log"))
        try:
            self._wire()
        except BaseException:
            self.close()
            raise
        with open(self.path("keepalived.conf"), "w", encoding="ascii") as file:
            file.write(KEEPALIVED_CONF.format(
                name=self.name, check=os.path.join(folder, "check"), priority=160 - 10 * number,
                own=self.own, peer=self.peer, address=ADDRESS))

    def _wire(self):
        run_ip("link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns",
               str(self._room.pid))
        run_ip("link", "set", self.name, "master", "bridge", "up")
        for arguments in (("address", "add", f"{self.own}/24", "dev", "eth0"),
                          ("link", "set", "eth0", "up"),
                          ("route", "add", "default", "via", BRIDGE)):
            run_ip(*arguments, inside=self._room)

    def give_up_unanswered(self, retries):
        """Sets the number of retries on a connection without answer."""
        self.run("sh", "-c", f"echo {retries} > /proc/sys/net/ipv4/tcp_retries2")

    def path(self, name):
        return os.path.join(self._folder, f"{self.name}-{name}")

    def run(self, *command):
        return run_in(self._room, *command)

    def _start(self, command, log):
        return Process(["nsenter", f"--net=/proc/{self._room.pid}/ns/net", *command],
                       self.path(log))

    def close(self):
        for process in (self._keepalived, self._service, self._room):
            if process is not None:
                process.stop()

    def owns_address(self):
        return f" {ADDRESS}/" in self.run("ip", "-brief", "address", "show", "eth0")

    def start_service(self):
        self._service = self._start(self._command, "service.log")
        listens = f":{PORT:04X} 00000000:0000 0A "

        def up():
            if not self._service.running():
                raise FarmError(f"{self._command[0]} ended at once")
            return listens in self.run("cat", "/proc/net/tcp")
        wait_until(up, f"{self._command[0]} listens")

    def kill_service(self):
        self._service.kill()

    def start_keepalived(self):
        self._keepalived = self._start(
            ["keepalived", "--dont-fork", "--vrrp", "--log-console", "--log-detail", "--no-syslog",
             "--use-file", self.path("keepalived.conf"), "--pid", self.path("keepalived.pid"),
             "--vrrp_pid", self.path("vrrp.pid")], "keepalived.log")

    def stop_keepalived(self):
        self._keepalived.stop()

    def pull_cable(self):
        run_ip("link", "set", self.name, "down")

    def plug_cable(self):
        run_ip("link", "set", self.name, "up")


class VirtualAddress:
    """The two hosts. The first one gets the address after some seconds."""

    def __init__(self, folder, command):
        self.hosts = []
        run_ip("link", "add", "bridge", "type", "bridge", "forward_delay", "0")
        run_ip("address", "add", f"{BRIDGE}/24", "dev", "bridge")
        run_ip("link", "set", "bridge", "up")
        check = os.path.join(folder, "check")
        with open(check, "w", encoding="ascii") as script:
            script.write(CHECK)
        os.chmod(check, 0o700)
        try:
            for number in (1, 2):
                self.hosts.append(Host(folder, number, command))
            for host in self.hosts:
                host.start_service()
            for host in self.hosts:
                host.start_keepalived()
        except BaseException:
            self.close()
            raise

    def close(self):
        for host in self.hosts:
            host.close()

    def owner(self):
        """The host that has the address now, or None."""
        owners = [host for host in self.hosts if host.owns_address()]
        return owners[0] if len(owners) == 1 else None

    def wait_for_owner(self, host):
        wait_until(lambda: self.owner() is host, f"{ADDRESS} is on {host.name}")

    def other(self, host):
        return self.hosts[2 - host.number]
