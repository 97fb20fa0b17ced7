"""Runs PyTorch's nn.RNN and nn.LSTM once and saves what the lessons compare with.

    python3 notebooks/data/pytorch.py

writes beside itself, in double precision, for the lessons on the RNN (nn.RNN) and the LSTM (nn.LSTM),

    rnn-equation-weights.safetensors   the layer's state_dict
    rnn-equation-run.safetensors       x, output and hidden
    lstm-gates-weights.safetensors     the layer's state_dict
    lstm-gates-run.safetensors         x, output, h_n and c_n

Any PyTorch will do; the last digit of a result may depend on the version.
"""
import json
import pathlib
import struct

import torch
import torch.nn as nn

HERE = pathlib.Path(__file__).parent


def save(name, tensors):
    """Writes float64 tensors in the safetensors format, as safetensors.torch.save_file does."""
    header, data = {"__metadata__": {"made_by": "PyTorch " + torch.__version__}}, b""
    for key, t in tensors.items():
        values = t.detach().contiguous().flatten().tolist()
        raw = struct.pack(f"<{len(values)}d", *values)
        header[key] = {
            "dtype": "F64",
            "shape": list(t.shape),
            "data_offsets": [len(data), len(data) + len(raw)],
        }
        data += raw
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)  # the data begins at a multiple of 8
    (HERE / name).write_bytes(struct.pack("<Q", len(head)) + head + data)


torch.set_default_dtype(torch.float64)

torch.manual_seed(2)
rnn = nn.RNN(input_size=16, hidden_size=8, batch_first=True)
x = torch.randn(4, 10, 16)  # (batch, seq_len, input_size)
output, hidden = rnn(x)
save("rnn-equation-weights.safetensors", rnn.state_dict())
save("rnn-equation-run.safetensors", {"x": x, "output": output, "hidden": hidden})

torch.manual_seed(6)
lstm = nn.LSTM(input_size=16, hidden_size=8, batch_first=True)
x = torch.randn(4, 10, 16)
output, (h_n, c_n) = lstm(x)
save("lstm-gates-weights.safetensors", lstm.state_dict())
save("lstm-gates-run.safetensors", {"x": x, "output": output, "h_n": h_n, "c_n": c_n})
