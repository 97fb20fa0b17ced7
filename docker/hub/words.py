"""Every sentence that a person reads in the workshop's pages and on its board. Braces hold what is put in.

UNROLL_LANGUAGE=ko says them in Korean: words_ko.py has the translations, which make ko takes from po/ko/workshop.po.
"""

import importlib
import os
import unicodedata

LANGUAGE = "en"

# JupyterHub's own pages: what is here as it stands in its templates is said in the language of the workshop.
HUB_SIGN_IN = "Sign in"
HUB_PASSWORD = "Password:"
HUB_INSECURE = (
    "Warning: JupyterHub seems to be served over an unsecured HTTP connection. "
    "We strongly recommend enabling HTTPS for JupyterHub."
)
HUB_SCRIPT = "JupyterHub requires JavaScript."
HUB_SCRIPT_ON = "Please enable it to proceed."
HUB_HOME = "Home"
HUB_ADMIN = "Admin"
HUB_LOGIN = "Login"
HUB_LOGOUT = "Logout"
HUB_DARK = "Toggle dark mode"
HUB_MENU = "Toggle navigation"
HUB_LOGO = "JupyterHub logo"
HUB_CLOSE = "Close"
HUB_THE_ERROR = "The error"
HUB_PAGE = "JupyterHub home page"
HUB_STARTING = "Your server is starting up."
HUB_REDIRECTED = "You will be redirected automatically when it's ready for you."
HUB_COMPLETE = "Complete"
HUB_LOG = "Event log"
HUB_STOPPING = "Your server is stopping."
HUB_STOPPED_SOON = "You will be able to start it again once it has finished stopping."
HUB_REFRESH = "refresh"
HUB_LOGGED_OUT = "Successfully logged out."
HUB_MOONS = "Jupyter has lots of moons, but this is not one..."
STATUS_403 = "Not allowed"
STATUS_404 = "Not found"
STATUS_429 = "Too many requests"
STATUS_500 = "An error in the hub"
STATUS_503 = "Not available at the moment"

# At the door
DOOR_NAME = "Username:"
NAME_RULE = (
    "Any name of up to 64 letters, in any script. Spaces, signs and emoji are welcome. "
    "Capital letters make no difference."
)
NAME_EMPTY = "Give a name: a letter, a digit or a sign at least."
NAME_CONTROL = "The name has a character that cannot be shown. Type it again: letters of any script, digits, signs and emoji are taken."
NAME_LONG = "The name is too long: {most} letters are the most."
WRONG_PASSWORD = "This is not the password."
WRONG_SEAT = "No seat has this name and this password: both are on the sheet."
MANY_GUESSES = "Someone on your network tries many passwords. Wait a few seconds, then try again."
DOOR_SHARED = "Choose a name and keep it: your work is found under it. Whoever knows the password can open any name."
DOOR_SEATS = "Your seat's name and password are on the sheet."
TAKEN_TITLE = "Somebody has this name"
TAKEN = "Somebody has already come in as {name}, {ago}."
TAKEN_ME = "If that was you, on another device or in another browser, your work is waiting for you."
TAKEN_OTHER = (
    "If it was somebody else, the two of you would work in the same files and undo each other's work. "
    "Choose another name, for example {other}."
)
TAKEN_CONTINUE = "That was me"
TAKEN_CHOOSE = "Choose another name"

# At a server
SERVER_START = "Start my server"
SERVER_OPEN = "My server"
SERVER_STOP = "Stop my server"
SERVER_NOT_RUNNING = "Your server is not running"
SERVER_START_IT = "Would you like to start it?"
SERVER_FAILED = "Your server did not start"
SERVER_RETRY = "Would you like to try again?"
QUEUE = "Servers that start before yours: {n}."
QUEUE_MEMORY = "The machine has no memory left for one more server. Yours starts when another one stops."
STARTING = "Your server starts."
GATE = (
    "This is the server of {name}: only the browser in which {name} has logged in can open it. "
    "The teacher sees everyone's work on the page of the class."
)
FULL = (
    "Your server was stopped because your files take too much of the disk: together {size}, of {disk} that each participant has. "
    "They are all still there. Start your server again, and delete what you do not need before you go on."
)
DISK = (
    "Your server was stopped because the disk of the workshop's machine is nearly full, and your programs were writing most. "
    "Your files take {size}, and they are all still there. Start your server again, delete what you do not need, and tell your teacher."
)

# Times
AGO_NOW = "just now"
AGO_MINUTES = "{n} min ago"
AGO_HOURS = "{n} h ago"
AGO_DAYS = "{n} d ago"

# Stuck
STUCK_CAPTION = "Tell your teacher that you are stuck"
STUCK_TITLE = "I am stuck"
STUCK_ASK = "Your teacher sees your name, the lesson and what you write here. Nobody else does."
STUCK_LESSON = "Lesson"
STUCK_ANY = "No lesson"
STUCK_QUESTION = "What is the matter? You may leave this empty."
STUCK_SEND = "I am stuck"
STUCK_SENT = "Your teacher sees that you are stuck, {ago}. Save your notebook, so that your teacher can read it."
STUCK_CHANGE = "Change it"
STUCK_DONE = "I am no longer stuck"
STUCK_BACK = "Back to my lessons"

# The class page
CLASS_TITLE = "The class"
CLASS_CONNECTED = "{n} connected."
CLASS_BEEN = "{n} have been here."
CLASS_STUCK_SOME = "{n} stuck"
CLASS_STUCK_NONE = "Nobody is stuck."
CLASS_NOBODY_TRIED = "Nobody has tried an exercise yet."
CLASS_EXERCISE = "Exercise"
CLASS_DONE = "Done by"
CLASS_TRIED = "Tried by"
CLASS_OF = "of {n}"
CLASS_PROGRESS = "{done} of {all}"
CLASS_NAME = "Name"
CLASS_IS_CONNECTED = "Connected"
CLASS_EXERCISES = "Exercises done"
CLASS_BROWSERS = "used from {n} browsers"
CLASS_YES = "yes"
CLASS_NO = "no"
CLASS_SHOW = "Show names"
CLASS_HIDE = "Hide the names"
CLASS_HAND_OUT = "Hand out a file"
CLASS_RELOADS = "This page reloads every 15 seconds."
CLASS_DISK = "The machine's disk is nearly full: {free} are free. Whoever writes most is stopped first."
CLASS_STOPPED = "stopped: {size} of files"
CLASS_PROGRESS_UNREADABLE = "progress.json cannot be read"
CLASS_QUESTIONS = "Who is stuck"
CLASS_SINCE = "Since"
CLASS_QUESTION = "Question"
CLASS_HELPED = "Helped"
CLASS_LOOK = "Notebooks"

# One participant
PERSON_BACK = "The class"
PERSON_NOTEBOOKS = "Notebooks, the last saved first"
PERSON_NO_NOTEBOOKS = "There is no notebook."
PERSON_MORE = "There are more files than this page looks at."
PERSON_NOT_READ = "The files of {name} cannot be read at the moment: {why}"
PERSON_SAVED = "saved {ago}"
PERSON_RESET = "Reset the server"
PERSON_RESET_NOTE = (
    "A reset stops everything that runs for {name} and starts a new server. Files stay. What was not saved is lost. "
    "{name} reloads the page then."
)
PERSON_WAS_RESET = "The server of {name} was stopped, and a new one starts."
PERSON_RESET_FAILED = "The server of {name} could not be reset. Try again in a minute."
PERSON_STUCK = "Stuck: {lesson}, {ago}"
PERSON_NOBODY = "Nobody has this name."

# A participant's notebook
BOOK_NOTEBOOK = "Notebook"
BOOK_TITLE = "{path} of {name}"
BOOK_NOTE = "As it was last saved. Nothing of it can run here."
BOOK_LAST = "run last"
BOOK_ERROR = "error"
BOOK_NOT_RUN = "not run"
BOOK_TO_LAST = "To the cell that was run last"
BOOK_TO_ERROR = "To the error"
BOOK_CUT = "… {n} characters more are not shown"
BOOK_CELLS_CUT = "{n} cells more are not shown"
BOOK_PICTURE = "picture"
BOOK_PICTURE_LARGE = "A picture is too large to be shown here."
BOOK_NO_TEXT = "An output that is not shown here: {kinds}"
BOOK_BROKEN = "The file is no notebook that can be shown: {why}"
BOOK_TOO_LARGE = "the file is larger than {mb} MB"
BOOK_NOT_JSON = "it is no JSON"
BOOK_NO_CELLS = "it has no list of cells"
BOOK_TOO_LONG = "it takes too long to show"
BOOK_ABSENT = "the file is not there"

# Handing out
HAND_TITLE = "Hand out"
HAND_NOTE = (
    "A file or a folder comes into everyone's home as something new: nothing is overwritten, a name that is taken gets a number. "
    "Those who come later get it too."
)
HAND_FILES = "Files"
HAND_FOLDER = "Or a folder"
HAND_SEND = "Hand out to all"
HAND_NOTHING = "Choose a file or a folder first."
HAND_TOO_LARGE = "That is more than {mb} MB or {files} files."
HAND_BAD_NAME = "This name cannot be handed out: {name}"
HAND_DONE = "{name}: it arrives within seconds."
HAND_BEFORE = "Handed out"
HAND_GOT = "{n} have it"
HAND_FAILED = "{name}: {why}"
HAND_WITHDRAW = "Give it to nobody else"

# The board
BOARD_OPEN = "The workshop is open."
BOARD_ADDRESS = "Address"
BOARD_PASSWORD = "Password"
BOARD_ENTRY = "Entry"
BOARD_SEATS = "{n} seats, each with its password on the sheet"
BOARD_TEACHER = "For the teacher: docker compose exec hub /srv/hub/workshop teacher"
TEACHER_NAME = "Name"
TEACHER_PASSWORD = "Password"
TEACHER_CLASS = "The class at a glance"
TEACHER_SHEET = "The seats' passwords: docker compose exec hub /srv/hub/workshop sheet > seats.html"
SHEET_TITLE = "Seats"
SHEET_PASSWORD = "password"
TEACHER_ALONE = "For you alone, not for the projector:"

# Collecting
COLLECT_TITLE = "What was collected, and what was not"
COLLECT_PEOPLE = "The work of {n}: {files} files"
COLLECT_PERSON = "{name}: {files} files"
COLLECT_AS_THEY_CAME = "  {n} files of the course as they came, not collected (workshop collect all takes them)"
COLLECT_LEFT = "  not collected: {path}: {why}"
COLLECT_MORE = "  and {n} more: {why}"
COLLECT_RENAMED = "  {path} is {new} here"
COLLECT_LONG = "long names"
COLLECT_SEE = "{n} files were left out: report.txt in the zip names them"
COLLECT_WHY = {
    "large": "larger than {mb} MB",
    "type": "of another type",
    "link": "a link or no file",
    "unreadable": "it cannot be read",
    "sum": "more than {mb} MB of one person",
    "number": "more than {n} files of one person",
    "deep": "more than {n} folders deep",
    "time": "the time for one person was over",
    "broken": "reading it failed: {why}",
}


def size(number):
    """Bytes, as they are said."""
    return f"{number / (1 << 20):,.0f} MB"


def stopped(size_and_over, bound):
    """Why a server was stopped, to its owner; empty if it was not."""
    if not size_and_over:
        return ""
    taken, over = size_and_over
    return FULL.format(size=size(taken), disk=size(bound)) if over else DISK.format(size=size(taken))


def ago(seconds):
    """How long ago something was, in words."""
    minutes = max(0, int(seconds)) // 60
    if minutes < 1:
        return AGO_NOW
    if minutes < 60:
        return AGO_MINUTES.format(n=minutes)
    return AGO_HOURS.format(n=minutes // 60) if minutes < 48 * 60 else AGO_DAYS.format(n=minutes // 1440)


def pad(text, columns):
    """Text, and spaces to so many columns of a terminal: Hangul is two columns wide."""
    return text + " " * (columns - sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text))


def hub():
    """{what JupyterHub's pages say: what they say here}."""
    return {english: globals()[name] for name, english in ENGLISH.items() if name.startswith("HUB_")}


def speak(language):
    """Says everything in a language; what has no translation stays English."""
    texts = importlib.import_module(f"words_{language}").WORDS if language != "en" else {}
    for name, english in ENGLISH.items():
        said = {key: texts.get(text, text) for key, text in english.items()} if isinstance(english, dict) else texts.get(english, english)
        globals()[name] = said
    globals()["LANGUAGE"] = language


ENGLISH = {name: said for name, said in list(globals().items()) if name.isupper() and name != "LANGUAGE"}
speak(os.environ.get("UNROLL_LANGUAGE") or "en")
