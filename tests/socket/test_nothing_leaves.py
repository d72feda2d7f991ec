"""Nothing leaves this machine: the whole installation as staff start it, a visit with pictures, a
taught pose, /generate and a training, and every connection that any of their processes asks for."""

import errno
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.observed import Observed
from tests.running import ROOT, Guest
from tests.socket.test_art import Painter, jpeg, start
from tests.socket.test_generate import Dreamer
from tests.socket.test_teach import LONG, Staff, csv_of
from tests.unit.taught_takes import take
from tests.unit.test_gan_training import command

pytestmark = [pytest.mark.socket, pytest.mark.timeout(1200)]


def test_a_connection_to_elsewhere_is_seen(tmp_path):
    """By Python, and by native code that no audit hook hears; nothing is sent."""
    observed = Observed(tmp_path)
    talks = (
        "import ctypes, socket, struct, sys;"
        "one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
        "one.connect_ex((sys.argv[1], 9));"
        "address = struct.pack('=HH4s8x', socket.AF_INET, 0x0900, socket.inet_aton(sys.argv[2]));"
        "ctypes.CDLL(None).connect(one.fileno(), address, 16)"
    )
    for addresses in (("127.0.0.1", "127.0.0.2"), ("192.0.2.1", "192.0.2.2")):
        subprocess.run([*observed.within, sys.executable, "-c", talks, *addresses], check=True)
    seen = "\n".join(observed.elsewhere())
    assert "socket.connect 192.0.2.1" in seen and "127.0.0" not in seen
    assert ('inet_addr("192.0.2.2")' in seen) == observed.traces


@pytest.fixture(scope="module")
def observed(tmp_path_factory, face) -> Observed:
    """A day of the installation, in a namespace without any network where the system has one."""
    folder = tmp_path_factory.mktemp("day")
    observed = Observed(folder)
    (folder / "face.jpg").write_bytes(face)
    day = [*observed.alone, sys.executable, "-m", "tests.socket.test_nothing_leaves", str(folder)]
    done = subprocess.run(day, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout.decode()[-6000:]
    if observed.alone:
        assert "interfaces: [(1, 'lo')]" in done.stdout.decode()
    return observed


def test_everything_works_where_there_is_no_network(observed):
    """No address but this machine's own can be reached there; the whole day was spent in it."""
    if not observed.alone:
        pytest.skip("this system allows no network namespaces")
    reach = (
        "import socket;"
        "door = socket.create_server(('127.0.0.1', 0));"
        "socket.create_connection(door.getsockname());"
        "one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
        "print(one.connect_ex(('192.0.2.1', 9)))"
    )
    tried = subprocess.run([*observed.alone, sys.executable, "-c", reach], capture_output=True)
    assert tried.stdout.strip() == str(errno.ENETUNREACH).encode(), tried
    assert "app.py" in observed.programs()


def test_nothing_leaves_this_machine(observed):
    assert observed.elsewhere() == []
    for program in ("app.py", "server.perception.worker", "server.art.worker", "gan_cut train"):
        assert program in observed.programs(), observed.programs()
        assert not observed.traces or program.split()[0] in observed.traced()
    assert "server.workshop.job" in observed.programs()


def day(folder: Path) -> None:
    """The whole installation, as staff start it, with visitors; then a training."""
    print("interfaces:", socket.if_nameindex())
    observed = Observed(folder)
    server = start(folder, felt=True, within=observed.within)
    try:
        play(server, (folder / "face.jpg").read_bytes())
        staff = Staff(server)
        teach(staff)
        assert "Nothing has left this machine" in staff.fetch("/staff")[2]
        outside = server.health()["outside"]
        assert outside["looks"] > 0 and outside["seen"] == []
    finally:
        server.stop()
    train(observed, folder)


def play(server, face: bytes) -> None:
    """A visit with a picture and a living painting; and dreams."""
    with Guest(server.url) as guest:
        painter = Painter(server, guest)
        guest.show_and_see(face)
        for engine in ("monet", "felt"):
            painter.hears(painter.paint(engine=engine), "done")
        guest.send("canvas", 1, jpeg(), {"engine": "monet"})
        guest.wait_for("painted")
    with Dreamer(server.url) as dreamer:
        dreamer.dream(1)
        dreamer.wait_for("dreamt", 1, count=3)


def teach(staff: Staff) -> None:
    """A pose is taught, and published."""
    text = csv_of(take("teapot", "Ana"), take("neutral", "Ana"), take("teapot", "Ana", 1))
    with staff.page() as page:
        assert staff.bring_in(text.replace("teapot", "Teapot"), "Ana")[0] == 201
        page.say("pose", {"name": "Teapot", "action": "more", "hold": 1})
        page.say("train")
        [trained] = page.wait_for("trained", deadline=LONG)
        assert trained["kind"] == "done", trained
        page.say("publish", {"version": trained["version"]})
        page.wait_for("state", lambda state: state["live"] == trained["version"])


def train(observed: Observed, folder) -> None:
    """A generator, for a moment."""
    rng = np.random.default_rng(0)
    for name in ("a", "b"):
        (folder / name).mkdir()
        for number in range(6):
            pixels = rng.integers(0, 256, (40, 40, 3), np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    training = command(folder / "run", (folder / "a", folder / "b"))
    training[training.index("--epochs") + 1] = training[training.index("--decay") + 1] = "1"
    done = subprocess.run([*observed.within, *training], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


if __name__ == "__main__":
    day(Path(sys.argv[1]))
