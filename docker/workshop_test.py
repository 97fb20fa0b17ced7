"""Three participants in a workshop: they work, one of them attacks, and parts of it are killed."""

import io
import ipaddress
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import zipfile
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
import websocket
from client import Failure
from conftest import ADMIN, PASSWORD, ROOT, Workshop, docker, inspect, run
from playwright.sync_api import expect, sync_playwright

CELL = '%%\nfmt.Println("sum", 1+2)'


@pytest.fixture(scope="module")
def three(workshop):
    people = [workshop.participant(name) for name in ("ada", "ben", "한별")]
    for person in people:
        person.seconds = person.spawn()
        person.start_kernel()
        person.run("%noautoget\nimport \"fmt\"")
    print("spawned in", *(f"{person.seconds:.1f} s" for person in people))
    yield people
    for person in people:
        person.close()


@pytest.fixture
def ada(three):
    return three[0]


@pytest.fixture
def ben(three):
    return three[1]


PROBE = """
import socket, sys, threading
def probe(target):
    host, port = target.rsplit(":", 1)
    try: socket.create_connection((host, int(port)), 4); print("reached", target, flush=True)
    except OSError as e: pass
threads = [threading.Thread(target=probe, args=(t,)) for t in sys.argv[1:]]
[t.start() for t in threads]; [t.join() for t in threads]; print("probed", len(threads))
"""


def flood(workshop, name):
    """Sixty threads of a participant's program that ask the hub's API as fast as they can, for 25 s; the number of answers."""
    program = ("import os, threading, time, urllib.request as r\nend, answers = time.monotonic() + 25, []\n"
               "def ask():\n    while time.monotonic() < end:\n        try: r.urlopen(os.environ['JUPYTERHUB_API_URL'] + '/', timeout=9).read()\n"
               "        except OSError: pass\n        answers.append(1)\n"
               "all = [threading.Thread(target=ask) for _ in range(60)]\n[t.start() for t in all]; [t.join() for t in all]; print(len(answers))")  # fmt: skip
    return subprocess.Popen(["docker", "exec", workshop.container(name), "python3", "-c", program], stdout=subprocess.PIPE, text=True)


def reached(person, *targets):
    """Which of the addresses a program in a participant's container reaches."""
    person.api("PUT", "contents/probe.py", json={"type": "file", "format": "text", "content": PROBE})
    said = person.shell("python3 ~/probe.py " + " ".join(targets))
    assert f"probed {len(targets)}" in said, said
    return [line.split()[1] for line in said.splitlines() if line.startswith("reached")]


# They work


def test_three_run_a_lesson(three):
    for person in three:
        said = []
        for code in person.notebook("03-rnn-equation.ipynb")[:6]:
            said.append(person.run(code)[0])
        assert any(said)


def test_two_compute_at_once(three):
    answers = {}
    threads = [threading.Thread(target=lambda p=p: answers.update({p.name: p.run(CELL)[0]})) for p in three]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {p.name: "sum 3\n" for p in three}


FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()


def a_chromium():
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    return found or pytest.skip("there is no Chromium: install it, or say where it is with CHROMIUM=…")


def test_a_browser_joins_and_runs_a_lesson(workshop):
    """As a participant does it; the screenshots are in build/workshop."""
    found = a_chromium()
    pictures = ROOT / "build/workshop"
    pictures.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        tab = chromium.new_page(viewport={"width": 1280, "height": 900})
        complaints = []
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(workshop.address)
        tab.screenshot(path=pictures / "1-join.png")
        tab.get_by_label("Username").fill("grace")
        tab.get_by_label("Password").fill(PASSWORD)
        start = time.monotonic()
        tab.get_by_role("button", name="Sign in").click()
        expect(tab.locator(".jp-Notebook")).to_be_visible(timeout=60_000)
        print(f"the first lesson is on the screen {time.monotonic() - start:.1f} s after the password")
        expect(tab.locator(".jp-Notebook h1").first).to_be_visible()
        tab.screenshot(path=pictures / "2-first-lesson.png")
        assert "01-" in tab.url
        tab.goto(f"{workshop.address}/user/grace/lab/tree/03-rnn-equation.ipynb")
        book = tab.locator(".jp-NotebookPanel:visible")
        expect(book.locator(".jp-CodeCell").first).to_be_visible(timeout=60_000)
        grace, end, left = workshop.participant("grace"), time.monotonic() + 180, None
        grace.spawn()  # the server runs; this gives the session its cookies
        while not any(s["path"] == "03-rnn-equation.ipynb" and s["kernel"]["connections"] for s in grace.api("GET", "sessions")):
            assert time.monotonic() < end, "the browser does not connect to a kernel"
            tab.wait_for_timeout(200)  # until then JupyterLab would ask for a kernel
        for menu, item in (("Edit", "Clear Outputs of All Cells"), ("Run", "Run All Cells")):
            tab.locator("#jp-MainMenu").get_by_role("menuitem", name=menu, exact=True).click()
            tab.locator(".lm-Menu-item", has_text=re.compile(f"^{item}$")).locator("visible=true").first.click()
        while left is None or left:
            tab.keyboard.press("Control+s")
            tab.wait_for_timeout(1000)
            saved = grace.api("GET", "contents/03-rnn-equation.ipynb")["content"]["cells"]
            left = [cell["source"] for cell in saved if cell["cell_type"] == "code" and not cell["execution_count"]]
            if time.monotonic() > end:
                tab.screenshot(path=pictures / "failed.png")
                pytest.fail(f"{len(left)} cells have not run: see build/workshop/failed.png")
        figure = book.locator(".jp-OutputArea-output").locator("img, svg").first
        figure.scroll_into_view_if_needed()
        box = figure.bounding_box()
        assert box["width"] > 200 and box["height"] > 100
        assert book.locator("[data-mime-type='application/vnd.jupyter.error'], [data-mime-type='application/vnd.jupyter.stderr']").count() == 0
        tab.screenshot(path=pictures / "3-lesson-ran.png")
        tab.goto(f"{workshop.address}/hub/home")
        tab.screenshot(path=pictures / "4-hub.png")
        teacher = chromium.new_page(viewport={"width": 1280, "height": 900})
        teacher.goto(f"{workshop.address}/hub/login?next=/hub/admin")
        teacher.get_by_label("Username").fill("teacher")
        teacher.get_by_label("Password").fill(ADMIN)
        teacher.get_by_role("button", name="Sign in").click()
        expect(teacher.get_by_text("grace").first).to_be_visible(timeout=30_000)
        teacher.screenshot(path=pictures / "5-admin.png")
        teacher.goto(f"{workshop.address}/services/class/?names=1")
        expect(teacher.get_by_text("grace")).to_be_visible()
        teacher.screenshot(path=pictures / "6-class.png")
        chromium.close()
    assert complaints == []


def test_completes(ada):
    matches, seconds = ada.complete("%%\nfmt.Printl")
    print(f"completed in {seconds:.1f} s")
    assert "Println" in matches
    assert "ToUpper" in ada.complete("%%\nstrings.ToU")[0]  # a package that no cell has imported


def test_a_lesson_links_to_what_computes_and_exports_without_the_internet(workshop, ada):
    lesson = next(path for path in sorted((ROOT / "notebooks").glob("*.ipynb")) if "site/figures/README.md#" in path.read_text())
    copy = ada.api("GET", f"contents/{lesson.name}")["content"]["cells"]
    linked = set(re.findall(r"/static/figures/([\w-]+)\.html", "".join(cell["source"] for cell in copy)))
    assert linked
    for name in linked:
        page = ada.web.get(f"{workshop.address}/static/figures/{name}.html", timeout=60)
        assert page.status_code == 200 and "<svg" in page.text
        for script in re.findall(r'<script src="([^"]+)"', page.text):
            assert ada.web.get(urljoin(page.url, script), timeout=60).status_code == 200
    page = ada.web.get(f"{ada.home}/nbconvert/html/{lesson.name}", timeout=120)
    assert page.status_code == 200 and "<math" in page.text
    assert not re.search(r'<(script|link|img)[^>]+(src|href)="http', page.text)


def guess(workshop, name, password, **headers):
    """The status of one attempt to log in from a new browser."""
    web = requests.Session()
    token = re.search(r'name="_xsrf"\s+value="([^"]+)"', web.get(f"{workshop.address}/hub/login", timeout=60, headers=headers).text)[1]
    form = {"username": name, "password": password, "_xsrf": token}
    return web.post(f"{workshop.address}/hub/login", data=form, timeout=60, headers=headers, allow_redirects=False).status_code


def test_guesses_are_slowed_down_and_lock_nobody_out(workshop):
    """An address that the browser itself gives is not believed: all the guesses count as from one."""
    known = workshop.participant("adam")
    assert guess(workshop, "eve", "not-the-password") == 403

    def many(number):
        for attempt in range(6):
            guess(workshop, ("teacher", "eve", f"eve{number}")[attempt % 3], "not-the-password", **{"X-Real-IP": f"10.9.{number}.{attempt}",
                  "X-Forwarded-For": f"10.8.{number}.{attempt}", "Forwarded": f"for=10.7.{number}.{attempt}"})  # fmt: skip

    threads = [threading.Thread(target=many, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    start = time.monotonic()
    for _ in range(8):
        assert guess(workshop, "eve", "not-the-password") == 403
    assert time.monotonic() - start > 3  # two in a second at most
    threads = [threading.Thread(target=many, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    workshop.participant("teacher", ADMIN)
    workshop.participant("eve")  # the others wait longer, and are let in
    known.web.cookies.clear_session_cookies()
    assert guess(workshop, "adam", PASSWORD) == 302
    for thread in threads:
        thread.join()


def test_nobody_is_teacher_with_the_participants_password(workshop):
    with pytest.raises(Failure, match="403"):
        workshop.participant("teacher", PASSWORD)
    with pytest.raises(Failure, match="403"):
        workshop.participant("Teacher", PASSWORD)


def test_the_teacher_sees_the_class_without_names(workshop, three):
    three[0].api("PUT", "contents/progress.json", json={
        "type": "file", "format": "text", "content": json.dumps({"03-half-life": {"tries": 2, "solved": True}})})  # fmt: skip
    teacher = workshop.participant("teacher", ADMIN)
    page = teacher.web.get(f"{workshop.address}/services/class/").text
    here = docker("ps", "-q", "--filter", f"label=unroll.project={workshop.project}", "--filter", "label=unroll.user").split()
    assert f"<strong>{len(here)}</strong> connected" in page and "gradient-decay/half-life" in page and "ada" not in page
    page = teacher.web.get(f"{workshop.address}/services/class/?names=1").text
    assert "<td>ada</td><td>yes</td><td>1</td>" in page and "한별" in page


def test_the_teacher_stops_a_server(workshop, ben):
    """With the request that the admin page sends."""
    workshop.participant("fay").spawn()
    teacher = workshop.participant("teacher", ADMIN)
    teacher.web.get(f"{workshop.address}/hub/admin")
    token = next(c.value for c in teacher.web.cookies if c.name == "_xsrf" and c.path == "/hub/")
    reply = teacher.web.delete(f"{workshop.address}/hub/api/users/fay/server", headers={"X-XSRFToken": token, "Referer": f"{workshop.address}/hub/admin"})
    assert reply.status_code in (202, 204), reply.text
    end = time.monotonic() + 30
    while docker("ps", "-q", "--filter", f"name=^{workshop.container('fay')}$"):
        assert time.monotonic() < end
        time.sleep(0.5)
    assert ben.run(CELL)[0] == "sum 3\n"


def test_a_participant_does_not_see_the_class(workshop, ada):
    assert ada.web.get(f"{workshop.address}/services/class/").status_code == 403
    assert ada.web.get(f"{workshop.address}/hub/admin").status_code == 403


# Attacks


def test_no_way_to_another_server(workshop, ada, ben):
    own, bens = f"{workshop.ip('ada')}:8888", f"{workshop.ip('ben')}:8888"
    assert reached(ada, own, bens) == [own]
    for path in ("lab", "api/kernels", "api/contents/03-rnn-equation.ipynb", "files/03-rnn-equation.ipynb", f"api/kernels/{ben.kernel}"):
        assert ada.web.get(f"{ben.home}/{path}").status_code in (403, 404), path


def test_no_way_into_anothers_kernel(ada, ben):
    """Neither with ada's cookies nor with the token of ada's server."""
    own = re.search("TOKEN=(\\w+)", ada.shell("env | grep JUPYTERHUB_API_TOKEN"))[1]
    assert ada.web.get(f"{ada.home}/api/kernels", headers={"Authorization": f"token {own}"}).ok
    assert requests.get(f"{ben.home}/api/kernels", headers={"Authorization": f"token {own}"}).status_code in (403, 404)
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        websocket.create_connection(f"ws{ben.home[4:]}/api/kernels/{ben.kernel}/channels", header=[f"Authorization: token {own}"], timeout=20)
    ada.channels(ada.home, ada.kernel).close()
    page = ada.web.get(f"{ben.home}/lab")  # if she were allowed, it would ask her to confirm and set a cookie
    ada.web.post(page.url, data=dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.text)), headers={"Referer": page.url})
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        ada.channels(ben.home, ben.kernel)
    assert "ben" not in ada.shell("ls -d /home/* /proc/[0-9]*/cwd; mount | grep home")


def test_no_way_to_another_through_the_hub_and_the_proxy(workshop, ada, ben):
    """The containers on both networks forward nothing, the hub listens on neither, and the proxy requires a session."""
    assert "workshop-hub" in ada.shell("env")
    said = ada.shell("python3 -c \"import urllib.request as r; print(r.urlopen('http://workshop-hub:8081/hub/api/').read())\"")
    assert "version" in said
    targets = []
    for container, port in (("hub-1", 8081), ("hub-1", 10101)):
        networks = json.loads(inspect(f"{workshop.project}-{container}", "{{json .NetworkSettings.Networks}}"))
        targets += [f"{network['IPAddress']}:{port}" for network in networks.values()]
    assert len(targets) >= 8 and reached(ada, *targets) == []


def test_ones_own_token_is_for_oneself(ada):
    program = ("import os, urllib.request as r, urllib.error\n"
               "def ask(path, method='GET'):\n"
               "    q = r.Request(os.environ['JUPYTERHUB_API_URL'] + path, method=method, headers={'Authorization': 'token ' + os.environ['JUPYTERHUB_API_TOKEN']})\n"
               "    try: print(path, r.urlopen(q, timeout=10).status)\n"
               "    except urllib.error.HTTPError as e: print(path, e.code)\n"
               "ask('/users/ada'); ask('/users/ben'); ask('/users'); ask('/proxy'); ask('/shutdown', 'POST'); ask('/users/ben/server', 'DELETE'); ask('/users/ben/tokens', 'POST')")  # fmt: skip
    ada.api("PUT", "contents/attack.py", json={"type": "file", "format": "text", "content": program})
    said = dict(line.rsplit(" ", 1) for line in ada.shell("python3 ~/attack.py").splitlines() if line.startswith("/"))
    assert said.pop("/users/ada") == "200"
    assert len(said) == 6 and set(said.values()) <= {"403", "404"}, said


def test_no_engine(ada):
    mounts = [line.split() for line in ada.shell("cat /proc/self/mountinfo").splitlines() if line.count(" ") > 5]
    parts = {where for _, _, _, root, where, *_ in mounts if root != "/" and not where.startswith(("/proc/", "/sys/", "/dev/"))}
    assert parts == {"/home/learner", "/etc/resolv.conf", "/etc/hostname", "/etc/hosts"}  # of the machine's own files
    assert "/docker.sock" not in ada.shell("find / -name docker.sock -not -path '/proc/*' 2>/dev/null")
    assert reached(ada, "workshop-hub:2375", "workshop-hub:8081") == ["workshop-hub:8081"]


def test_no_way_out(workshop, ada):
    """Neither to the internet, nor to the cloud's metadata, nor to the engine's machine, where a port is open."""
    with socket.create_server(("", 0)) as listener:
        port = listener.getsockname()[1]
        here = [address for address in run("hostname", "-I").split() if ":" not in address]  # also on the engine's networks
        socket.create_connection((here[0], port), 4).close()
        ports = (22, 53, 80, 443, port, workshop.address.rsplit(":", 1)[1])
        assert reached(ada, *(f"{host}:{port}" for host in ("1.1.1.1", "169.254.169.254", *here) for port in ports)) == []


def test_not_root(ada):
    status = ada.shell("grep -E '^(Uid|CapEff|CapPrm|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status")
    fields = {line.split(":")[0]: line.split(":")[1].split() for line in status.splitlines() if ":" in line}
    assert set(fields["Uid"]) == {"1000"}
    assert {int(fields[name][0], 16) for name in ("CapEff", "CapPrm", "CapBnd")} == {0}
    assert fields["NoNewPrivs"] == ["1"] and fields["Seccomp"] == ["2"]
    for attempt in ("su -c id", "unshare -r id", "mount -t tmpfs none /mnt", "chroot / id"):
        assert "uid=0" not in ada.shell(attempt)


def test_writes_home_and_tmp_alone(ada):
    said = ada.shell("for d in / /etc /usr/bin /opt/unroll/lesson /opt/cache/build/00 /var/tmp /run; do touch $d/x && echo wrote $d; done; "
                     "touch ~/x /tmp/x && echo home")  # fmt: skip
    assert "wrote" not in said and "home" in said.splitlines()


def test_listens_to_nobody(ada):
    program = ("import socket\ntry: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 3); print('raw'+'socket')\n"
               "except PermissionError: print('may'+'not')")  # fmt: skip
    said = ada.shell(f'python3 -c "{program}"')
    assert "maynot" in said and "rawsocket" not in said
    listening = ada.shell("cat /proc/net/tcp /proc/net/tcp6").split("\n")
    ports = {int(line.split()[1].rsplit(":", 1)[1], 16) for line in listening if len(line.split()) > 3 and line.split()[3] == "0A"}
    ports -= {int(line.split()[1].rsplit(":", 1)[1], 16) for line in listening if "0B00007F" in line}  # the engine's DNS server
    assert ports == {8888}, ports  # the kernel listens on no port


def test_a_cell_that_took_all_the_memory_says_so(workshop):
    person = workshop.participant("greedy")
    person.spawn()
    person.start_kernel()
    with pytest.raises(Failure, match="took more memory than there is"):
        person.run("%%\nvar all [][]byte\nfor {\n\tpart := make([]byte, 1<<24)\n\tfor i := range part {\n\t\tpart[i] = 1\n\t}\n\tall = append(all, part)\n}")
    assert person.run("import \"fmt\"\n" + CELL)[0] == "sum 3\n"


def test_a_file_has_a_largest_size(ada):
    said = ada.shell("ulimit -f; head -c 600M /dev/zero > /tmp/huge; rm /tmp/huge", 200)
    assert "1048576" in said and "No space left" in said, said


FILL = """
import os
for number in range(400):
    name = f"/home/learner/{{number}}"
    file = os.open(name, os.O_WRONLY | os.O_CREAT)
    if {hidden}: os.unlink(name)
    for _ in range(64): os.write(file, bytes(1 << 20))
    if not {hidden}: os.close(file)
"""


@pytest.mark.parametrize("hidden", [False, True], ids=["many files", "files that are deleted, but open"])
def test_a_home_has_a_largest_size(workshop, ben, hidden):
    """Who fills the disk is stopped, and reads why; the others save meanwhile."""
    name = f"filler{hidden:d}"
    person = workshop.participant(name)
    person.spawn()
    fills(workshop.container(name), hidden, ben)
    page = reads(person, "take too much of the disk")
    print("stopped at", re.search(r"together ([\d,]+ MB)", page)[1])
    comes_back(person)
    person.start_kernel()
    assert person.shell("rm -f ~/[0-9] ~/[0-9][0-9] ~/[0-9][0-9][0-9]; ls ~").count(".ipynb") > 5
    end = time.monotonic() + 60
    while "take too much of the disk" in person.web.get(f"{workshop.address}/hub/home", timeout=60).text:
        assert time.monotonic() < end
        time.sleep(0.5)
    person.api("PUT", "contents/mine.txt", json={"type": "file", "format": "text", "content": "my work"})


def test_a_disk_that_is_nearly_full_stops_who_writes_most(images):
    """Whose home is within its bound; the others save meanwhile, and the teacher is told."""
    left = os.statvfs(docker("info", "-f", "{{.DockerRootDir}}"))
    left = (left.f_bavail * left.f_frsize >> 20) - 500
    with Workshop("unrolldisk", UNROLL_PASSWORD=PASSWORD, UNROLL_DISK="100G", UNROLL_RESERVE=f"{left}M") as small:
        writer, saver = (small.participant(name) for name in ("writer", "saver"))
        writer.spawn()
        saver.spawn()
        fills(small.container("writer"), False, saver)
        page = reads(writer, "nearly full")
        print("stopped at", re.search(r"files take ([\d,]+ MB)", page)[1])
        assert "that each participant has" not in page
        saver.api("PUT", "contents/mine.txt", json={"type": "file", "format": "text", "content": "my work"})
        teacher = small.participant("teacher", ADMIN).web.get(f"{small.address}/services/class/?names=1", timeout=60).text
        assert "disk is nearly full" in teacher and "stopped: " in teacher
        comes_back(writer)
        writer.start_kernel()
        writer.shell("rm -f ~/[0-9] ~/[0-9][0-9] ~/[0-9][0-9][0-9]")
        writer.api("PUT", "contents/mine.txt", json={"type": "file", "format": "text", "content": "my work"})


def fills(container, hidden, other):
    """Writes into a home until its server is stopped; another saves meanwhile."""
    with subprocess.Popen(["docker", "exec", container, "python3", "-c", FILL.format(hidden=hidden)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as fill:  # fmt: skip
        while fill.poll() is None:
            other.api("PUT", "contents/mine.txt", json={"type": "file", "format": "text", "content": "my work"})
            time.sleep(0.2)
    assert fill.returncode == 137


def reads(person, said, seconds=60):
    """The page that someone sees who reloads JupyterLab after the server was stopped, as soon as it says so."""
    end = time.monotonic() + seconds
    while said not in (page := person.web.get(f"{person.home}/lab", timeout=60).text):
        assert time.monotonic() < end, page
        time.sleep(0.5)
    assert said in person.web.get(f"{person.address}/hub/home", timeout=60).text
    return page


def during(attack, others, cells=5):
    """The seconds of others' cells while an attack runs."""
    thread = threading.Thread(target=attack, daemon=True)
    thread.start()
    time.sleep(2)
    times = []
    for number in range(cells):
        said, seconds = others.run(f'%%\nfmt.Println({number}*7)')
        assert said == f"{number * 7}\n"
        times.append(seconds)
    return times


def attacker(workshop, name, program):
    """A participant who runs a program outside a cell, for 25 s."""
    person = workshop.participant(name)
    person.spawn()

    def attack():
        subprocess.run(["docker", "exec", workshop.container(name), "timeout", "-s", "KILL", "25", "python3", "-c", program],
                       capture_output=True)  # fmt: skip

    return attack


def test_the_hub_answers_while_one_floods_its_api(workshop):
    person = workshop.participant("flooder")
    person.spawn()
    quiet, meanwhile = [], []
    for times, attack in ((quiet, None), (meanwhile, flood(workshop, "flooder"))):
        for number in range(5):
            start = time.monotonic()
            workshop.participant(f"calm{number}")
            times.append(time.monotonic() - start)
    answers = int(attack.communicate()[0])
    print(f"a log-in takes {sorted(quiet)[2]:.2f} s in quiet and {sorted(meanwhile)[2]:.2f} s meanwhile; {answers / 25:.0f} answers in a second")
    served = docker("logs", "--since", "40s", f"{workshop.project}-proxy-1", check=False)
    assert sorted(meanwhile)[2] < 5, served
    person.api("GET", "status")  # and works on


@pytest.mark.parametrize(("name", "program"), [
    ("bomb", "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"),
    ("glutton", "a = []\nwhile True: a.append(bytearray(1 << 24))"),
    ("hoarder", "import os\nwhile True:\n    try:\n        with open('/home/learner/hoard', 'wb') as f:\n"
                "            while True: f.write(bytes(1 << 20))\n    except OSError: pass"),
], ids=["fork bomb", "memory", "disk"])  # fmt: skip
def test_others_work_on_through(workshop, ben, name, program):
    quiet = sorted(ben.run(CELL)[1] for _ in range(5))
    attack = attacker(workshop, name, program)
    bounds = inspect(workshop.container(name), "{{.HostConfig.PidsLimit}} {{.HostConfig.Memory}} {{.HostConfig.MemorySwap}}")
    times = sorted(during(attack, ben))
    print(f"{name}: cells take {quiet[2]:.2f} s in quiet, {times[2]:.2f} s (at most {times[-1]:.2f} s) meanwhile")
    assert times[-1] < 30
    assert bounds == f"400 {1536 << 20} {1536 << 20}"


# Faults


def test_a_hub_that_is_killed_leaves_kernels_and_sessions(workshop, ada):
    result = {}
    cell = 'import "time"\n%%\ntime.Sleep(12 * time.Second)\nfmt.Println("survived")'
    thread = threading.Thread(target=lambda: result.update(said=ada.run(cell)[0]))
    thread.start()
    time.sleep(2)
    docker("kill", f"{workshop.project}-hub-1")
    docker("start", f"{workshop.project}-hub-1")
    workshop.wait()
    thread.join()
    assert result["said"] == "survived\n"
    assert ada.web.get(f"{workshop.address}/hub/home").url.endswith("/hub/home")  # still logged in
    assert ada.run(CELL)[0] == "sum 3\n"
    new = workshop.participant("later")
    new.spawn()


def test_a_proxy_that_is_killed_comes_back_with_its_ways(workshop, ada):
    docker("kill", f"{workshop.project}-proxy-1")
    docker("start", f"{workshop.project}-proxy-1")
    workshop.wait()
    end = time.monotonic() + 90  # the hub checks the routes every 15 s
    while time.monotonic() < end:
        try:
            ada.api("GET", "kernels")
            break
        except (Failure, requests.RequestException):
            time.sleep(1)
    ada.start_kernel(ada.kernel)
    assert ada.run(CELL)[0] == "sum 3\n"


def test_a_container_that_is_killed_comes_back_with_the_work(workshop):
    person = workshop.participant("carl")
    person.spawn()
    person.api("PUT", "contents/mine.txt", json={"type": "file", "format": "text", "content": "my work"})
    docker("kill", workshop.container("carl"))
    comes_back(person)
    assert person.api("GET", "contents/mine.txt")["content"] == "my work"


def comes_back(person):
    """Reloads the page and starts the server again, as the README says, until it answers."""
    end = time.monotonic() + 120  # the hub has to notice it first
    while True:
        try:
            person.spawn(60)
            person.api("GET", "status")
            return
        except (Failure, requests.RequestException):
            assert time.monotonic() < end
            time.sleep(2)


@pytest.mark.skipif(not os.environ.get("CI"), reason="it restarts the engine, with everything that runs on it; CI=true enables it")
def test_an_engine_that_is_restarted_brings_the_workshop_back(workshop):
    person = workshop.participant("emmy")
    person.spawn()
    person.api("PUT", "contents/mine.txt", json={"type": "file", "format": "text", "content": "my work"})
    before = int(Path("/var/run/docker.pid").read_text())
    os.kill(before, signal.SIGTERM)  # its supervisor starts it again
    end = time.monotonic() + 120
    while Path(f"/proc/{before}").exists() or subprocess.run(["docker", "info"], capture_output=True).returncode:
        assert time.monotonic() < end, "the engine was not started again"
        time.sleep(0.5)
    workshop.wait()
    assert person.web.get(f"{workshop.address}/hub/home").url.endswith("/hub/home")  # still logged in
    comes_back(person)
    assert person.api("GET", "contents/mine.txt")["content"] == "my work"


def test_down_in_the_middle_of_saves_corrupts_nothing(workshop, three):
    person = workshop.participant("dora")
    person.spawn()
    person.api("PUT", "contents/mine.txt", json={"type": "file", "format": "text", "content": "my work"})
    book = person.api("GET", "contents/07-lstm-gates.ipynb")["content"]
    saved = []

    def save():
        while True:
            try:
                person.api("PUT", "contents/07-lstm-gates.ipynb", json={"type": "notebook", "content": book})
                saved.append(1)
            except (Failure, requests.RequestException):
                return

    thread = threading.Thread(target=save)
    thread.start()
    time.sleep(2)
    workshop.compose("down", "--timeout", "90")
    thread.join()
    assert saved
    assert docker("ps", "-aq", "--filter", f"label=unroll.project={workshop.project}") == ""
    archive = collect(workshop, "all")
    for name in archive.namelist():
        if name.endswith(".ipynb"):
            assert json.loads(archive.read(name))["cells"]
    assert archive.read("dora/mine.txt") == b"my work"
    assert "dora/07-lstm-gates.ipynb" in archive.namelist() and "한별/03-rnn-equation.ipynb" in archive.namelist()
    assert not [name for name in archive.namelist() if "/." in name]
    workshop.up()
    person = workshop.participant("dora")
    person.spawn()
    assert person.api("GET", "contents/mine.txt")["content"] == "my work"


def collect(workshop, *which):
    env_file = ["docker", "compose", "--env-file", "/dev/null", "-p", workshop.project, "run", "--rm", "--no-deps", "-T", "hub",
                "/srv/hub/workshop", "collect", *which]  # fmt: skip
    done = subprocess.run(env_file, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300)
    assert done.returncode == 0, done.stderr.decode()
    return zipfile.ZipFile(io.BytesIO(done.stdout))


# Seats


def test_seats(workshop):
    workshop.settings |= {"UNROLL_ENTRY": "seats", "UNROLL_PASSWORD": "", "UNROLL_SEATS": "3"}
    workshop.up()
    sheet = workshop.compose("exec", "-T", "hub", "/srv/hub/workshop", "sheet")
    seats = dict(part.split("</b><br>password <code>") for part in
                 (card.split("</code>")[0] for card in sheet.split("<b>")[1:]))  # fmt: skip
    assert len(seats) == 3 and len(set(seats.values())) == 3
    workshop.participant("seat-01", seats["seat-01"])
    for name, password in (("seat-02", seats["seat-01"]), ("anna", seats["seat-01"]), ("seat-02", PASSWORD), ("ada", PASSWORD)):
        with pytest.raises(Failure, match="403"):
            workshop.participant(name, password)
    new = workshop.compose("exec", "-T", "hub", "/srv/hub/workshop", "reset", "seat-03").split()[-1]
    with pytest.raises(Failure, match="403"):
        workshop.participant("seat-03", seats["seat-03"])
    workshop.participant("seat-03", new)


def test_a_class_of_simulated_participants(workshop):
    """make load, with three participants."""
    workshop.settings |= {"UNROLL_ENTRY": "", "UNROLL_PASSWORD": PASSWORD, "UNROLL_SEATS": ""}
    workshop.up()
    said = workshop.compose("exec", "-T", "hub", "/srv/hub/workshop", "load", "--people=3", "--read=1", "--think=1", "--cells=3", timeout=400)
    print(said)
    assert "failures: 0" in said
    idle = float(re.search(r"memory idle\D+(\d+) MB", said)[1])
    assert idle <= 350


def test_remove_asks_and_removes(workshop):
    label = f"label=unroll.project={workshop.project}"
    workshop.compose("run", "--rm", "--no-deps", "-T", "hub", "/srv/hub/workshop", "remove", input="no\n", check=False)
    assert docker("volume", "ls", "-q", "--filter", label)
    workshop.remove()
    for kind in ("volume", "network"):
        assert docker(kind, "ls", "-q", "--filter", label) == ""
    assert docker("ps", "-aq", "--filter", label) == ""


def test_solo_wants_its_token(images):
    solo = Workshop("unrollsolo")
    try:
        solo.compose("up", "-d", "solo", timeout=3000)
        end = time.monotonic() + 60
        while not (token := re.search(r"http://127\.0\.0\.1:\d+/lab\S*token=(\w+)", solo.compose("logs", "solo"))):
            assert time.monotonic() < end
            time.sleep(0.5)
        assert requests.get(f"{solo.address}/api/contents").status_code == 403
        there = requests.get(f"{solo.address}/api/contents", headers={"Authorization": f"token {token[1]}"}).json()
        assert "01-" in str(sorted(file["name"] for file in there["content"]))
    finally:
        solo.remove()


CONNECT = """python3 -c "
import socket; s = socket.create_connection(('internet', 3128), 10); s.settimeout(20)
s.sendall(b'CONNECT {} HTTP/1.1\\r\\n\\r\\n'); print(s.recv(99).decode())
" """


def test_what_is_printed_lets_in_and_the_internet_is_no_way_to_neighbours(images):
    with Workshop("unrollfresh", UNROLL_INTERNET="yes", UNROLL_HTTPS="made", UNROLL_IDLE_MINUTES="1") as fresh:
        end = time.monotonic() + 30
        while "Password" not in (log := fresh.compose("logs", "--no-log-prefix", "hub")) and time.monotonic() < end:
            time.sleep(1)
        password = next(line.split()[1] for line in log.splitlines() if line.strip().startswith("Password"))
        address = next(line.split()[1] for line in log.splitlines() if line.strip().startswith("Address"))
        assert address.endswith(fresh.address.rsplit(":", 1)[1] + "/")
        assert "█" in log or "▀" in log  # the QR code
        assert address.startswith("https:")
        zoe = fresh.participant("zoe", password)
        zoe.spawn()
        zoe.start_kernel()
        assert reached(zoe, "1.1.1.1:443", "169.254.169.254:80", "internet:3128") == ["internet:3128"]
        asked = {host: zoe.shell(CONNECT.format(host)) for host in
                 ("hub:8081", "proxy:8001", "169.254.169.254:443", "127.0.0.1:443", "localhost:443", "[::1]:443",
                  f"{run('hostname', '-I').split()[0]}:443", "example.com:80")}  # fmt: skip
        assert {host for host, said in asked.items() if " 403 " not in said} == set()
        zoe.close()
        end = time.monotonic() + 240  # an unused server is stopped
        while docker("ps", "-q", "--filter", f"name=^{fresh.container('zoe')}$"):
            assert time.monotonic() < end
            time.sleep(2)
        zoe.spawn()
        zoe.start_kernel()
        try:
            if not ipaddress.ip_address(socket.gethostbyname("example.com")).is_global:
                return  # example.com has a private address here, which the proxy refuses
            socket.create_connection(("example.com", 443), 10).close()
        except OSError:
            return  # there is no internet to reach
        assert " 200 " in zoe.shell(CONNECT.format("example.com:443"))
