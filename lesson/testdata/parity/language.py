"""Writes language.json.gz: language models that PyTorch trains with a state carried from window to window, in float64.

    python3 language.py                # any PyTorch from 1.13 on, CPU; safetensors

As parts.py, whose fill() makes the weights: what the lesson package does with the
same numbers is compared. Each model learns a few windows of a text, the gradient
cut where a window begins (detach), and then writes on from where a text ended,
each time the token with the largest logit. So does the model that ships with the
lesson, read from its safetensors file.
"""

import gzip
import json
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

from parts import fill, numbers

HERE = pathlib.Path(__file__).parent
TOKENS, DIM, HIDDEN, STREAMS, TAU, STEPS = 7, 3, 5, 2, 4, 6


class LanguageModel(nn.Module):
    def __init__(self, kind, layers):
        super().__init__()
        self.kind = kind.lower()
        self.embedding = nn.Embedding(TOKENS, DIM)
        self.add_module(self.kind, getattr(nn, kind)(DIM, HIDDEN, num_layers=layers, batch_first=True))
        self.linear = nn.Linear(HIDDEN, TOKENS)

    def forward(self, x, state=None):
        output, state = getattr(self, self.kind)(self.embedding(x), state)
        return self.linear(output), state


def text(n):
    """A text that has something to learn: 0 1 2 3 …, some tokens doubled."""
    out, k = [], 0
    while len(out) < n:
        out += [k % TOKENS] * (2 if k % 5 == 0 else 1)
        k += 1
    return torch.tensor(out[:n])


def detach(state):
    return tuple(s.detach() for s in state) if isinstance(state, tuple) else state.detach()


def case(kind, layers):
    model = LanguageModel(kind, layers)
    with torch.no_grad():
        for i, p in enumerate(model.parameters()):
            p.copy_(fill(500 + i, 0.7, *p.shape))
    tokens = text(STREAMS * TAU * 4 + 1)
    length = (len(tokens) - 1) // STREAMS
    rows = [tokens[b * length : b * length + length + 1] for b in range(STREAMS)]
    optimiser = torch.optim.Adam(model.parameters(), lr=0.05)
    windows, losses, norms, state = length // TAU, [], [], None
    for step in range(STEPS):
        k = step % windows
        x = torch.stack([r[k * TAU : (k + 1) * TAU] for r in rows])
        y = torch.stack([r[k * TAU + 1 : (k + 1) * TAU + 1] for r in rows])
        if k == 0:
            state = None
        logits, state = model(x, state)
        state = detach(state)
        loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimiser.step()
        losses.append(loss.item())
    with torch.no_grad():
        logits, state = model(tokens[:20][None])
        bits = F.cross_entropy(logits[0, :-1], tokens[1:20], reduction="none") / torch.log(torch.tensor(2.0))
        written = [logits[0, -1].argmax().item()]
        for _ in range(29):
            logits, state = model(torch.tensor([[written[-1]]]), state)
            written.append(logits[0, -1].argmax().item())
    return {"kind": kind, "layers": layers, "losses": numbers(losses), "bits": numbers(bits), "written": written,
            "values": {n: numbers(p) for n, p in model.named_parameters()}}


def shipped():
    """What the lesson's trained model, read from its file, writes behind some beginnings, and what it pays for them."""
    try:
        from safetensors.torch import load_file
    except ImportError:
        raise SystemExit("no safetensors library: pip install safetensors")
    top = HERE.parents[2]
    letters = (top / "site/figures/writing.txt").read_text()
    parameters = load_file(top / "notebooks/data/language-model-weights.safetensors")
    global TOKENS, DIM, HIDDEN
    TOKENS, DIM, HIDDEN = len(letters), parameters["embedding.weight"].shape[1], parameters["lstm.weight_hh_l0"].shape[1]
    model = LanguageModel("LSTM", 1)
    model.load_state_dict(parameters)
    model.double()
    out = []
    for beginning in ["\nfunc ", "// Forward reads", "\treturn x[i"]:
        tokens = torch.tensor([letters.index(c) for c in beginning])
        with torch.no_grad():
            logits, state = model(tokens[None])
            bits = F.cross_entropy(logits[0, :-1], tokens[1:], reduction="none") / torch.log(torch.tensor(2.0))
            written = [logits[0, -1].argmax().item()]
            for _ in range(99):
                logits, state = model(torch.tensor([[written[-1]]]), state)
                written.append(logits[0, -1].argmax().item())
        out.append({"beginning": beginning, "bits": numbers(bits), "written": "".join(letters[k] for k in written)})
    return out


def main():
    torch.manual_seed(0)
    fixture = {"torch": torch.__version__, "text": text(STREAMS * TAU * 4 + 1).tolist(),
               "cases": [case(kind, layers) for kind in ["RNN", "GRU", "LSTM"] for layers in [1, 2]],
               "shipped": shipped()}
    (HERE / "language.json.gz").write_bytes(gzip.compress((json.dumps(fixture, separators=(",", ":")) + "\n").encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
