"""Writes parts.json.gz, module.safetensors, and types.safetensors of internal/safetensors: what PyTorch computes, in float64.

    python3 parts.py                # any PyTorch from 1.13 on, CPU; safetensors

The tests of the lesson package compute the same in Go and compare. Neither
weights nor inputs are stored: both sides make them with fill(). Results are
rounded to 13 decimals. The safetensors files come from the safetensors library
itself; without that library the program leaves them as they are and says so.
"""

import gzip
import json
import math
import pathlib

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)
HERE = pathlib.Path(__file__).parent


def fill(seed, scale, *shape):
    """Values in [-scale, scale) from a linear congruential generator (Numerical Recipes')."""
    state, values = seed, []
    for _ in range(math.prod(shape)):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(scale * (state / 2**31 - 1))
    return torch.tensor(values).reshape(shape)


def numbers(t):
    if isinstance(t, torch.Tensor):
        t = t.detach().flatten().tolist()
    return [round(v, 13) for v in t]


def printing():
    """Tensors and how PyTorch prints them; a float64 tensor is the default here."""
    inf, nan = math.inf, math.nan
    stored = {
        "zeros": torch.zeros(2, 3),
        "whole": torch.tensor([1.0, -2, 30]),
        "whole and wide": torch.tensor([1.0, 5000]),
        "whole and large": torch.tensor([2e8, 3e8]),
        "decimals": torch.tensor([[0.5, -1.25], [10, 0]]),
        "small": torch.tensor([3e-9, 1.5]),
        "small alone": torch.tensor([2.5e-5, -3.5e-5]),
        "at 1e-4": torch.tensor([1e-4, 0.05]),
        "ratio of 1000": torch.tensor([0.5, 500]),
        "ratio above 1000": torch.tensor([0.5, 500.5]),
        "large": torch.tensor([123456789.5, 1234567890.25]),
        "tiny and huge": torch.tensor([1e-300, -1e300, 0]),
        "rounds up": torch.tensor([0.99996, 9.99996]),
        "half to even": torch.tensor([0.00005 + 1, 0.03125, 0.28125]),
        "negative zero": torch.tensor([-0.0, 1.5]),
        "nan": torch.tensor([nan, 1.5, -2.25]),
        "nan and whole": torch.tensor([nan, 1, inf, -inf]),
        "nan and small": torch.tensor([nan, 1e-7, inf, -inf, 0]),
        "only nan": torch.tensor([nan, inf, 0]),
        "one": torch.tensor([[[1.0]]]),
        "three axes": torch.tensor([[[0.5, 1], [2, 3]], [[4, 5], [6, -7]]]),
        "long row with nan": torch.cat([torch.arange(30) / 8, torch.tensor([nan])]),
        "the notes": torch.tensor([[0, 0, 3, 2, 1], [0, 7, 6, 5, 4]]),
        "indices aligned": torch.tensor([[1, 100, 3], [-7, 0, 12345]]),
    }
    for name, t in stored.items():
        values = [repr(v) for v in t.flatten().tolist()]
        yield {"name": name, "shape": list(t.shape), "integer": not t.is_floating_point(), "values": values, "text": str(t)}
    # Element i is (i modulo m)·s.
    for name, m, s, shape in [
        ("long row", 30, 0.125, (30,)),
        ("long rows", 44, -1.5, (2, 22)),
        ("1000 elements", 7, 1.0, (100, 10)),
        ("1001 elements", 7, 1.0, (1001,)),
        ("cut rows", 5, 0.0625, (150, 8)),
        ("cut one axis of two", 5, 0.0625, (200, 6)),
        ("cut three axes", 97, 0.125, (7, 7, 49)),
        ("cut nothing of the last two axes", 97, 0.125, (40, 6, 5)),
        ("long indices", 60, 1, (2, 30)),
        ("cut indices", 1100, 1, (11, 100)),
        ("cut columns of indices", 9, 1, (2, 600)),
    ]:
        t = (torch.arange(math.prod(shape)) % m * s).reshape(shape)
        yield {"name": name, "shape": list(shape), "integer": isinstance(s, int), "modulo": m, "step": s, "text": str(t)}


def flipping():
    """Flips of 0, 1, 2, …"""
    for shape in [(5,), (2, 3), (2, 3, 4)]:
        for axis in range(len(shape)):
            flipped = torch.arange(math.prod(shape)).reshape(shape).flip(axis)
            yield {"shape": list(shape), "axis": axis, "want": flipped.flatten().tolist()}


def embedding():
    m = nn.Embedding(7, 3, padding_idx=2)
    with torch.no_grad():
        m.weight.copy_(fill(1, 1, 7, 3))  # the padding row too: Forward returns what is there
    x = [[1, 2, 2, 0], [6, 2, 1, 1]]
    y = m(torch.tensor(x))
    for seed in (2, 3):  # two Backwards add up
        m(torch.tensor(x)).backward(fill(seed, 1, 2, 4, 3))
    return {"x": x, "y": numbers(y), "grad": numbers(m.weight.grad)}


def linear():
    for shape in [(4,), (3, 4), (2, 3, 4)]:
        m = nn.Linear(4, 5)
        with torch.no_grad():
            m.weight.copy_(fill(1, 1, 5, 4))
            m.bias.copy_(fill(2, 1, 5))
        x = fill(3, 1, *shape).requires_grad_()
        for seed in (4, 5):
            y = m(x)
            y.backward(fill(seed, 1, *y.shape))
        yield {"shape": list(shape), "y": numbers(y), "dx": numbers(x.grad),
               "weight": numbers(m.weight.grad), "bias": numbers(m.bias.grad)}


def losses():
    for scale in (1, 30, 1000):
        targets = [0, 3, 2, 2, 1]
        z = fill(1, scale, 5, 4).requires_grad_()
        loss = F.cross_entropy(z, torch.tensor(targets))
        loss.backward()
        yield {"kind": "cross entropy", "scale": scale, "shape": [5, 4], "targets": targets,
               "loss": loss.item(), "grad": numbers(z.grad)}
    for shape in [(6,), (2, 3), (2, 3, 2)]:
        p, q = fill(1, 2, *shape).requires_grad_(), fill(2, 2, *shape)
        loss = F.mse_loss(p, q)
        loss.backward()
        yield {"kind": "mse", "scale": 2, "shape": list(shape), "loss": loss.item(), "grad": numbers(p.grad)}


def optimisers():
    """Twenty steps; the gradient follows the value so that a difference would grow."""
    for name, make in {
        "SGD": lambda p: torch.optim.SGD(p, lr=0.1),
        "SGD with momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
        "Adam": lambda p: torch.optim.Adam(p, lr=0.05),
    }.items():
        params = [nn.Parameter(fill(1, 1, 2, 3)), nn.Parameter(fill(2, 1, 2))]
        optimiser = make(params)
        values = []
        for t in range(20):
            for i, p in enumerate(params):
                p.grad = 0.3 * p.detach() + fill(10 * t + i, 1, *p.shape)
            if t == 12:
                optimiser.param_groups[0]["lr"] /= 4
            optimiser.step()
            values.append([v for p in params for v in numbers(p)])
        yield {"name": name, "values": values}


def clipping():
    for max_norm in (0, 0.5, 2.0, 100):
        params = [nn.Parameter(torch.zeros(2, 3)), nn.Parameter(torch.zeros(4))]
        for i, p in enumerate(params):
            p.grad = fill(i + 1, 2, *p.shape)
        norm = torch.nn.utils.clip_grad_norm_(params, max_norm)
        yield {"max": max_norm, "norm": norm.item(), "grads": [v for p in params for v in numbers(p.grad)]}


def jacobians():
    """Spectral norms of ∂h_T/∂h_{T−k}: autograd through the last k steps, then the SVD."""
    steps, size, hidden = 12, 3, 5
    for kind in ("tanh", "relu", "lstm", "gru"):
        m = nn.RNN(size, hidden, nonlinearity=kind) if kind in ("tanh", "relu") else getattr(nn, kind.upper())(size, hidden)
        with torch.no_grad():
            for i, p in enumerate(m.parameters()):
                p.copy_(fill(100 + i, 0.9, *p.shape))
        x = fill(1, 1, steps, size)
        state = tuple(fill(2 + i, 1, 1, hidden) for i in range(2)) if kind == "lstm" else (fill(2, 1, 1, hidden),)
        states = [state]
        for t in range(steps):
            _, state = m(x[t : t + 1], state if kind == "lstm" else state[0])
            state = tuple(s.detach() for s in state) if kind == "lstm" else (state.detach(),)
            states.append(state)

        def norm(k, which):
            def last(s):
                if k == 0:
                    return s
                given = list(states[steps - k])
                given[which] = s
                _, end = m(x[steps - k :], tuple(given) if kind == "lstm" else given[0])
                return end[which] if kind == "lstm" else end
            j = torch.autograd.functional.jacobian(last, states[steps - k][which])
            return torch.linalg.matrix_norm(j.reshape(hidden, hidden), 2).item()

        out = {"kind": kind, "steps": steps, "input": size, "hidden": hidden}
        for which, name in enumerate(("h", "c")[: len(state)]):
            out[name] = [norm(k, which) for k in range(steps + 1)]
        yield out


def attention():
    """One head, x its query, key and value; masked as packed sequences and as a causal model are."""
    steps, batch, size = 4, 3, 3
    for causal in (False, True):
        for lengths in (None, [2, 4, 1], 1):  # 1: no batch axis
            m = nn.MultiheadAttention(size, 1)
            with torch.no_grad():
                for i, p in enumerate(m.parameters()):
                    p.copy_(fill(100 + i, 1.5, *p.shape))
            shape = (steps, size) if lengths == 1 else (steps, batch, size)
            x, d = fill(1, 1, *shape).requires_grad_(), fill(2, 1, *shape)
            options = {}
            if causal:
                options["attn_mask"] = torch.ones(steps, steps).triu(1).bool()
            behind = torch.zeros(batch, steps).bool()
            if isinstance(lengths, list):
                behind = torch.arange(steps) >= torch.tensor(lengths)[:, None]
                options["key_padding_mask"] = behind
                d = d * ~behind.T[:, :, None]  # what comes after the end is not a result
            y, weights = m(x, x, x, **options)
            y.backward(d)
            if isinstance(lengths, list):
                y, weights = y * ~behind.T[:, :, None], weights * ~behind[:, :, None]
            yield {"causal": causal, "lengths": lengths if isinstance(lengths, list) else [], "shape": list(shape),
                   "y": numbers(y), "weights": numbers(weights), "dx": numbers(x.grad),
                   "gradients": {name: numbers(p.grad) for name, p in m.named_parameters()}}


ARMS = ("post", "flip", "pre", "gather", "packed")


def training():
    """Twenty steps of the classifier with each arm: loss, and the norm before clipping."""
    sentences, targets = [[3, 1, 4, 1, 5], [2, 6], [5, 3, 5, 2], [1]], torch.tensor([0, 1, 0, 1])
    lengths = [len(s) for s in sentences]
    post = pad_sequence([torch.tensor(s) for s in sentences], batch_first=True)
    pre = pad_sequence([torch.tensor(s[::-1]) for s in sentences], batch_first=True).flip(1)
    layers = [(layer, directions) for directions in (1, 2) for layer in ("RNN", "LSTM")] + [("GRU", 1), ("Attention", 1)]
    for layer, directions in layers:
        for arm in {"GRU": ("gather", "packed"), "Attention": ("gather",)}.get(layer, ARMS):
            embedding = nn.Embedding(7, 3, padding_idx=0)
            if layer == "Attention":
                reader, linear = nn.MultiheadAttention(3, 1, batch_first=True), nn.Linear(3, 2)
            else:
                reader = getattr(nn, layer)(3, 4, batch_first=True, bidirectional=directions == 2)
                linear = nn.Linear(directions * 4, 2)
            params = [p for m in (embedding, reader, linear) for p in m.parameters()]
            with torch.no_grad():
                for i, p in enumerate(params):
                    p.copy_(fill(200 + i, 0.8, *p.shape))
                embedding.weight[0] = 0
            optimiser = torch.optim.Adam(params, lr=0.05)
            loss_curve, norms = [], []
            for _ in range(20):
                x = embedding({"flip": post.flip(1), "pre": pre}.get(arm, post))
                if arm == "packed":
                    x = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
                if layer == "Attention":
                    output, _ = reader(x, x, x, key_padding_mask=post == 0)
                else:
                    output, state = reader(x)
                    last = torch.cat(list(state[0] if layer == "LSTM" else state), dim=-1)
                if arm == "gather":
                    last = output[torch.arange(len(lengths)), torch.tensor(lengths) - 1]
                loss = F.cross_entropy(linear(last), targets)
                optimiser.zero_grad()
                loss.backward()
                norms.append(torch.nn.utils.clip_grad_norm_(params, 0.5).item())
                optimiser.step()
                loss_curve.append(loss.item())
            yield {"layer": layer, "directions": directions, "arm": arm, "sentences": sentences, "targets": targets.tolist(),
                   "loss": numbers(loss_curve), "norm": numbers(norms)}


def write_safetensors():
    """A state_dict as PyTorch names it, and the same element types that the reader knows."""
    try:
        from safetensors.torch import save_file
    except ImportError:
        print("no safetensors library: *.safetensors stay as they are (pip install safetensors)")
        return
    module = nn.ModuleDict({"embedding": nn.Embedding(5, 3, padding_idx=0), "rnn": nn.LSTM(3, 2, bidirectional=True),
                            "linear": nn.Linear(4, 2)})
    state = module.state_dict()
    for i, name in enumerate(state):
        state[name] = fill(300 + i, 1, *state[name].shape)
    save_file(state, HERE / "module.safetensors", metadata={"format": "pt"})
    values = torch.tensor([[0, -0.0, 1, -2.5], [65504, 6e-8, math.inf, -math.inf], [1 / 3, 1e-5, math.nan, 0.1]])
    save_file({t: values.to(d) for t, d in [("f64", torch.float64), ("f32", torch.float32), ("f16", torch.float16),
                                            ("bf16", torch.bfloat16)]}, HERE.parents[2] / "internal/safetensors/testdata/types.safetensors")


def main():
    torch.manual_seed(0)
    fixture = {
        "torch": torch.__version__,
        "print": list(printing()),
        "flip": list(flipping()),
        "embedding": [embedding()],
        "linear": list(linear()),
        "losses": list(losses()),
        "optimisers": list(optimisers()),
        "clipping": list(clipping()),
        "jacobians": list(jacobians()),
        "attention": list(attention()),
        "training": list(training()),
    }
    lines = ",\n".join(f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in fixture.items())
    (HERE / "parts.json.gz").write_bytes(gzip.compress(("{" + lines + "}\n").encode(), 9, mtime=0))
    write_safetensors()


if __name__ == "__main__":
    main()
