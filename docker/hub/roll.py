"""What the workshop remembers of its class, in the hub's volume: names as they were typed, who is stuck, what was handed out."""

import contextlib
import sqlite3
import time
from pathlib import Path

FILE = Path("/srv/data/class.sqlite")
TABLES = """
CREATE TABLE IF NOT EXISTS name (account TEXT PRIMARY KEY, shown TEXT, last REAL, browsers INTEGER);
CREATE TABLE IF NOT EXISTS stuck (account TEXT PRIMARY KEY, lesson TEXT, question TEXT, since REAL);
CREATE TABLE IF NOT EXISTS handout (number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, since REAL, content BLOB);
CREATE TABLE IF NOT EXISTS handed (number INTEGER, account TEXT, error TEXT, PRIMARY KEY (number, account));
"""


class Roll:
    """Several processes of the hub's container read and write it; each call is a transaction of its own."""

    def __init__(self, file=None):
        self.file = file or FILE
        with self.open() as db:
            db.executescript(TABLES)

    @contextlib.contextmanager
    def open(self):
        db = sqlite3.connect(self.file, timeout=20)
        try:
            with db:
                yield db
        finally:
            db.close()

    # Names

    def enter(self, account, shown, known, now=None):
        """Notes that someone has logged in, and returns when the name was used before from a browser that is not known to have
        used it; None if it was not. known says whether this browser has used the name before."""
        now = now or time.time()
        with self.open() as db:
            before = db.execute("SELECT last FROM name WHERE account = ?", [account]).fetchone()
            db.execute(
                "INSERT INTO name VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET last = excluded.last, browsers = browsers + ?",
                [account, shown, now, not known],
            )
        return before[0] if before and not known else None

    def names(self):
        """{account: name as it was first typed}."""
        with self.open() as db:
            return dict(db.execute("SELECT account, shown FROM name"))

    def shown(self, account):
        with self.open() as db:
            found = db.execute("SELECT shown FROM name WHERE account = ?", [account]).fetchone()
        return found[0] if found else account

    def browsers(self):
        """{account: number of browsers that it was used from}."""
        with self.open() as db:
            return dict(db.execute("SELECT account, browsers FROM name"))

    # Who is stuck

    def stuck(self, account, lesson, question, now=None):
        with self.open() as db:
            db.execute("INSERT OR REPLACE INTO stuck VALUES (?, ?, ?, ?)", [account, lesson, question, now or time.time()])

    def helped(self, account):
        with self.open() as db:
            db.execute("DELETE FROM stuck WHERE account = ?", [account])

    def questions(self):
        """(account, lesson, question, since) of all who are stuck, who waits longest first."""
        with self.open() as db:
            return db.execute("SELECT account, lesson, question, since FROM stuck ORDER BY since").fetchall()

    # What was handed out

    def hand_out(self, name, content, now=None):
        """Keeps a tar file's bytes for all, and returns its number."""
        with self.open() as db:
            return db.execute("INSERT INTO handout (name, since, content) VALUES (?, ?, ?)", [name, now or time.time(), content]).lastrowid

    def withdraw(self, number):
        """Those who have it keep it; nobody gets it any more."""
        with self.open() as db:
            db.execute("DELETE FROM handout WHERE number = ?", [number])

    def content(self, number):
        with self.open() as db:
            found = db.execute("SELECT content FROM handout WHERE number = ?", [number]).fetchone()
        return found and found[0]

    def handed(self, number, account, error):
        with self.open() as db:
            db.execute("INSERT OR REPLACE INTO handed VALUES (?, ?, ?)", [number, account, error])

    def handouts(self):
        """(number, name, since, {account: error, empty if it arrived}) of each, the newest first."""
        with self.open() as db:
            all_ = db.execute("SELECT number, name, since FROM handout ORDER BY number DESC").fetchall()
            given = db.execute("SELECT number, account, error FROM handed").fetchall()
        return [(n, name, since, {account: error for number, account, error in given if number == n}) for n, name, since in all_]
