"""Times PyTorch's recurrent layers for bench.py.

Reads a case a line from standard input, answers with the milliseconds of each run. With
--check it only sees whether PyTorch loads and computes.
"""

import json
import os
import sys
import time

if hasattr(os, "RTLD_LAZY"):
    sys.setdlopenflags(os.RTLD_LAZY)  # CUDA's libraries are empty here, and nothing calls them

import torch


def one_pass(case):
    dtype = getattr(torch, case["dtype"])
    torch.manual_seed(1)
    layer = getattr(torch.nn, case["layer"])(case["input"], case["hidden"], batch_first=True).to(dtype)
    x = torch.randn(case["batch"], case["steps"], case["input"], dtype=dtype, requires_grad=case["backward"])
    d = torch.randn(case["batch"], case["steps"], case["hidden"], dtype=dtype)

    def forward():
        with torch.no_grad():
            layer(x)

    def forward_backward():
        layer.zero_grad(set_to_none=False)
        x.grad = None
        output, _ = layer(x)
        output.backward(d)

    return forward_backward if case["backward"] else forward


def measure(f, seconds):
    f()
    f()
    ms = []
    start = time.perf_counter()
    while len(ms) < 3 or time.perf_counter() - start < seconds:
        t = time.perf_counter()
        f()
        ms.append((time.perf_counter() - t) * 1000)
    return ms


def main():
    if sys.argv[1:] == ["--check"]:
        one_pass({"layer": "LSTM", "batch": 2, "steps": 2, "input": 2, "hidden": 2, "dtype": "float64", "backward": True})()
        return
    blas = "MKL" if torch.backends.mkl.is_available() else "OpenBLAS"
    print(json.dumps({"torch": torch.__version__, "blas": blas}), flush=True)
    for line in sys.stdin:
        case = json.loads(line)
        torch.set_num_threads(case["threads"])
        print(json.dumps({"ms": measure(one_pass(case), case["seconds"])}), flush=True)


main()
