"""Writes seq2seq.json.gz: what PyTorch computes for Seq2Seq, in float64, and what sacrebleu computes for BLEU.

    python3 seq2seq.py              # any PyTorch from 1.13 on, CPU; sacrebleu

As in parts.py, weights are made on both sides with fill(), and results are rounded to 13 decimals.
"""

import gzip
import json

import sacrebleu
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

from parts import HERE, fill, numbers

SOURCES, TARGETS = [[3, 1, 4, 1, 2], [2], [0, 5, 3]], [[2, 0], [1, 1, 3, 2], []]
EOS, BOS = 4, 5


class Additive(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.query = nn.Linear(size, size, bias=False)
        self.memory = nn.Linear(size, size, bias=False)
        self.v = nn.Linear(size, 1, bias=False)

    def forward(self, queries, memory):
        return self.v(torch.tanh(self.query(queries)[:, :, None] + self.memory(memory)[:, None])).squeeze(3)


class Dot(nn.Module):
    def forward(self, queries, memory):
        return queries @ memory.transpose(1, 2)


class Seq2Seq(nn.Module):
    def __init__(self, attention):
        super().__init__()
        self.source, self.target = nn.Embedding(6, 3), nn.Embedding(6, 3)
        self.encoder, self.decoder = nn.LSTM(3, 4, batch_first=True), nn.LSTM(3, 4, batch_first=True)
        self.attention = {"dot": Dot, "additive": lambda: Additive(4), "": lambda: None}[attention]()
        if attention:
            self.combine = nn.Linear(8, 4)
        self.linear = nn.Linear(4, 5)

    def forward(self, sources, targets):
        lengths = torch.tensor([len(s) for s in sources])
        read = pad_sequence([torch.tensor(s) for s in sources], batch_first=True)
        packed = pack_padded_sequence(self.source(read), lengths, batch_first=True, enforce_sorted=False)
        memory, state = self.encoder(packed)
        memory, _ = pad_packed_sequence(memory, batch_first=True)
        late = pad_sequence([torch.tensor([BOS, *t]) for t in targets], batch_first=True)
        h, _ = self.decoder(self.target(late), state)
        weights = None
        if self.attention is not None:
            scores = self.attention(h, memory)
            behind = torch.arange(memory.shape[1]) >= lengths[:, None]
            weights = F.softmax(scores.masked_fill(behind[:, None], float("-inf")), dim=2)
            h = torch.tanh(self.combine(torch.cat([weights @ memory, h], dim=2)))
        return torch.cat([self.linear(h[i, : len(t) + 1]) for i, t in enumerate(targets)]), weights


def networks():
    for attention in ("", "dot", "additive"):
        m = Seq2Seq(attention)
        with torch.no_grad():
            for i, p in enumerate(m.parameters()):
                p.copy_(fill(300 + i, 1.2, *p.shape))
        logits, weights = m(SOURCES, TARGETS)
        loss = F.cross_entropy(logits, torch.tensor([y for t in TARGETS for y in [*t, EOS]]))
        loss.backward()
        yield {"attention": attention, "sources": SOURCES, "targets": TARGETS, "logits": numbers(logits), "loss": loss.item(),
               "weights": numbers(weights[0, :3]) if attention else [],
               "gradients": [numbers(p.grad) for p in m.parameters()]}


CANDIDATES = ["the cat sat on the mat today", "a dog ran", "there is a book on the old table"]
REFERENCES = ["the cat is sitting on the mat", "the dog ran away", "there is a book on the old table"]


def bleu():
    """Each sentence alone and all as one collection, without smoothing, on the words as they are."""
    collections = [([c], [r]) for c, r in zip(CANDIDATES, REFERENCES)] + [
        (CANDIDATES, REFERENCES), (CANDIDATES[:2], REFERENCES[:2]), (["the the the the the the the"], ["the cat is on the mat"]),
        ([REFERENCES[2] + " in the hall"], [REFERENCES[2]]), (["there is a book on the table"], [REFERENCES[2]])]
    for candidates, references in collections:
        b = sacrebleu.corpus_bleu(candidates, [references], smooth_method="none", tokenize="none", force=True)
        yield {"candidates": candidates, "references": references, "score": b.score / 100, "bp": b.bp,
               "precisions": [p / 100 for p in b.precisions], "matches": b.counts, "totals": b.totals}


if __name__ == "__main__":
    fixture = {"torch": torch.__version__, "sacrebleu": sacrebleu.__version__, "networks": list(networks()), "bleu": list(bleu())}
    text = json.dumps(fixture, separators=(",", ":")) + "\n"
    (HERE / "seq2seq.json.gz").write_bytes(gzip.compress(text.encode(), 9, mtime=0))
