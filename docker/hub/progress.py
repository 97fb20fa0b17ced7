"""What a participant's progress file says."""

import json

# The lessons by the numbers that stood in the names of exercises, and the lessons in which exercises stood before:
# exercise/progress.go has the same.
NUMBERED = (
    "order-matters", "rnn-equation", "gradient-decay", "long-memory", "flip-reversal",
    "lstm-gates", "forget-bias", "both-directions", "sentiment",
)  # fmt: skip
MOVED = {"attention/attend": "both-directions", "attention/causal-weights": "both-directions"}


def names(exercise):
    """The names of an exercise, of today and before: gradient-decay/half-life, 03-half-life."""
    lesson, own = exercise.split("/")
    lesson = MOVED.get(exercise, lesson)
    olds = [f"{NUMBERED.index(lesson) + 1:02}-{own}"] if lesson in NUMBERED else []
    return [exercise, f"{lesson}/{own}", *olds]


def read(data, exercises):
    """{exercise: solved} of a file's bytes, with the exercises that exist and were tried; None if it cannot be read.
    What is done under an old name or a new one is done."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict):
        return None
    found = {exercise: [content[name] for name in names(exercise) if isinstance(content.get(name), dict)] for exercise in exercises}
    return {exercise: any(entry.get("solved") is True for entry in entries) for exercise, entries in found.items() if entries}
