"""Writes recurrent.json.gz: what PyTorch's nn.RNN, nn.LSTM and nn.GRU compute, in float64,
and minGRU, which PyTorch does not have, written in it below.

    python3 recurrent.py            # any PyTorch from 1.13 on, CPU

parity_recurrent_test.go computes the same in Go and compares. Neither weights
nor inputs are stored: both sides make them with fill(). Stored are outputs and
final states, rounded to 13 decimals, and gradients, rounded to 11: the test's
tolerances are 1e-12 and 1e-10.

Batch first or not is the same numbers in another order. This program checks
that PyTorch agrees with itself (outputs bit for bit, gradients to 1e-12, since
their sums run in another order) and stores steps first; the Go test runs both.
"""

import gzip
import itertools
import json
import pathlib

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def fill(seed, *shape):
    """Values in [-1, 1) from a linear congruential generator (Numerical Recipes')."""
    n = 1
    for d in shape:
        n *= d
    state, values = seed, []
    for _ in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(state / 2**31 - 1)
    return torch.tensor(values).reshape(shape)


# What a case is unless it says otherwise.
DEFAULTS = dict(kind="tanh", layers=1, bidirectional=False, bias=True, given=True,
                dropout=0.0, unbatched=False, steps=5, batch=3, input=3, hidden=2, lengths=None)


class MinGRU(nn.Module):
    """Feng et al. (2024), with z for their 1 - z: h = z h + (1 - z) n, the gates of x alone."""

    def __init__(self, input_size, hidden_size, bias):
        super().__init__()
        self.weight_ih_l0 = nn.Parameter(torch.empty(2 * hidden_size, input_size))
        self.bias_ih_l0 = nn.Parameter(torch.empty(2 * hidden_size)) if bias else None

    def forward(self, x, h):  # x is (steps, batch, input), h is (1, batch, hidden)
        z, n = nn.functional.linear(x, self.weight_ih_l0, self.bias_ih_l0).chunk(2, dim=-1)
        z, output, h = torch.sigmoid(z), [], h[0]
        for z_t, n_t in zip(z, n):
            h = z_t * h + (1 - z_t) * n_t
            output.append(h)
        return torch.stack(output), h[None]


def module(case, batch_first):
    options = dict(num_layers=case["layers"], bidirectional=case["bidirectional"], bias=case["bias"],
                   dropout=case["dropout"], batch_first=batch_first)
    if case["kind"] in ("lstm", "gru"):
        m = getattr(nn, case["kind"].upper())(case["input"], case["hidden"], **options)
    elif case["kind"] == "mingru":
        m = MinGRU(case["input"], case["hidden"], case["bias"])
    else:
        m = nn.RNN(case["input"], case["hidden"], nonlinearity=case["kind"], **options)
    with torch.no_grad():
        for i, p in enumerate(m.parameters()):
            p.copy_(0.6 * fill(100 + i, *p.shape))
    return m.train()  # it matters for Dropout only


def compute(case, batch_first):
    """Returns outputs and gradients; those laid out as x have the steps first."""
    batched = not case["unbatched"]
    lead = (case["steps"], case["batch"]) if batched else (case["steps"],)
    directions = 2 if case["bidirectional"] else 1

    def order(t):  # from steps first to the module's layout, and back
        return t.transpose(0, 1).contiguous() if batch_first and batched else t

    m = module(case, batch_first)
    x = order(fill(1, *lead, case["input"])).requires_grad_()
    state_shape = (directions * case["layers"], *lead[1:], case["hidden"])
    names = ["h", "c"] if case["kind"] == "lstm" else ["h"]
    s0 = [fill(2 + k, *state_shape).requires_grad_() for k in range(len(names))]
    given = None if not case["given"] else tuple(s0) if len(s0) == 2 else s0[0]

    if case["lengths"]:
        packed = pack_padded_sequence(x, case["lengths"], batch_first=batch_first, enforce_sorted=False)
        output, states = m(packed, given)
        output, _ = pad_packed_sequence(output, batch_first=batch_first, total_length=case["steps"])
    else:
        output, states = m(x, given)
    if len(names) == 1:
        states = (states,)

    loss = (output * order(fill(4, *lead, directions * case["hidden"]))).sum()
    for k, s in enumerate(states):
        loss = loss + (s * fill(5 + k, *state_shape)).sum()
    loss.backward()

    values = {"output": order(output)}
    gradients = {"x": order(x.grad)}
    for name, s, start in zip(names, states, s0):
        values[name] = s
        if case["given"]:
            gradients[name + "0"] = start.grad
    for name, p in m.named_parameters():
        # Dropout with p = 1 can leave a parameter without any gradient.
        gradients[name] = p.grad if p.grad is not None else torch.zeros_like(p)
    return values, gradients


def rounded(tensors, digits):
    return {name: [round(v, digits) + 0.0 for v in t.detach().reshape(-1).tolist()] for name, t in tensors.items()}


def cases():
    sizes = {1: dict(steps=1), 5: dict(steps=5), 50: dict(steps=50, batch=2, input=2)}
    lengths = {1: [1, 1, 1], 5: [2, 5, 3], 50: [17, 50]}
    for kind, layers, bidirectional, given, steps, packed in itertools.product(
            ["tanh", "relu", "lstm", "gru"], [1, 2], [False, True], [True, False], [1, 5, 50], [False, True]):
        case = dict(kind=kind, layers=layers, bidirectional=bidirectional, given=given, **sizes[steps])
        if packed:
            case["lengths"] = lengths[steps]
        yield case
    for kind in ["tanh", "relu", "lstm", "gru"]:
        yield dict(kind=kind, layers=2, bias=False)
        yield dict(kind=kind, layers=2, bidirectional=True, unbatched=True)
        yield dict(kind=kind, unbatched=True, given=False)
        yield dict(kind=kind, layers=2, dropout=1.0)
        # More sequences than are computed together, of every length, none shortest last.
        yield dict(kind=kind, layers=2, bidirectional=True, batch=19, input=2, steps=4, given=False,
                   lengths=[1 + (7 * i) % 4 for i in range(19)])


    for bias, steps in itertools.product([True, False], [1, 5, 50, 250]):
        yield dict(kind="mingru", bias=bias, steps=steps, batch=2, input=2)


def main():
    out = []
    for changes in cases():
        case = {**DEFAULTS, **changes}
        values, gradients = compute(case, False)
        if not case["unbatched"] and case["kind"] != "mingru":
            first = compute(case, True)
            for a, b in [(values, first[0]), (gradients, first[1])]:
                for name in a:
                    tolerance = 0 if a is values else 1e-12
                    assert torch.allclose(a[name], b[name], rtol=0, atol=tolerance), (case, name)
        out.append({**changes, "values": rounded(values, 13), "gradients": rounded(gradients, 11)})
    text = json.dumps({"torch": torch.__version__, "cases": out}, separators=(",", ":"))
    path = pathlib.Path(__file__).with_name("recurrent.json.gz")
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f"{path.name}: {len(out)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
