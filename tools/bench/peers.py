"""How each system is started that MLA is measured beside: one process on one CPU, without storage, nothing dropped."""
import shutil
from dataclasses import dataclass, field
from pathlib import Path

NATS = """listen: 127.0.0.1:19004
max_connections: 20000
max_payload: 8388608
max_pending: 67108864
write_deadline: "10s"
websocket { listen: "127.0.0.1:19005", no_tls: true }
"""
MOSQUITTO = """listener 19006 127.0.0.1
listener 19007 127.0.0.1
protocol websockets
allow_anonymous true
persistence false
log_type error
set_tcp_nodelay true
max_queued_messages 0
max_queued_bytes 0
user root
"""
MLA = """[limits]
contracts_per_link = 2000000
objects_per_link = 2000000
"""


@dataclass
class Peer:
    command: list[str]
    protocol: str  # as the generator calls it
    port: int
    observers_port: int = 0  # when another than the producer's
    environment: dict[str, str] = field(default_factory=dict)


def peer(name: str, tools: Path, router: str, plugin: str, folder: Path) -> Peer | None:
    """None: it is not installed. `tools`: where the generator's own peers are. `folder`: for configurations."""

    def configuration(file: str, text: str) -> str:
        (folder / file).write_text(text)
        return str(folder / file)

    if name in ("mla", "mla-full", "mla-busy"):  # mla-full: no differences, no compression; mla-busy: besides, its thread sleeps late
        text = ('busy_poll = "3ms"\n' if name == "mla-busy" else "") + MLA + ("delta_bytes = 0\n" if name != "mla" else "")
        command = [router, "--config", configuration(f"{name}.toml", text), "--listen", "ws://127.0.0.1:19020", "--admin", "none"]
        return Peer(command, f"plugin:{plugin}", 19020, environment={"MLA_LOAD_DELTA": "0"} if name != "mla" else {})
    if name == "epollws":
        return Peer([str(tools / "epollws"), "19001"], "wsraw", 19001)
    if name in ("nats", "natsws"):
        command = ["nats-server", "-c", configuration("nats.conf", NATS)]
        found = Peer(command, name, 19005 if name == "natsws" else 19004)
    elif name in ("mosq", "mosqws"):
        command = ["mosquitto", "-c", configuration("mosquitto.conf", MOSQUITTO)]
        found = Peer(command, "mqttws" if name == "mosqws" else "mqtt", 19007 if name == "mosqws" else 19006)
    elif name == "redis":
        command = ["redis-server", "--port", "19008", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--maxclients", "15000",
                   "--client-output-buffer-limit", "pubsub 0 0 0", "--daemonize", "no"]  # saves nothing, wherever it is
        found = Peer(command, "redis", 19008)
    elif name == "zmq":
        command = [str(tools / "zmqproxy"), "tcp://127.0.0.1:19009", "tcp://127.0.0.1:19010"]
        found = Peer(command, "zmtp", 19009, 19010)
    else:
        raise SystemExit(f"no such peer: {name}")
    return found if shutil.which(found.command[0]) else None
