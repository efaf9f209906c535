"""Writes PyTorch's numbers, with which the tests compare every kernel and plan.

apt-get install --no-install-recommends python3-torch python3-sklearn python3-pandas
npm run golden          (half a minute; rewrites the JSON files in this folder)

Everything is float32 on one thread. Nine significant digits restore every float32 exactly. The S&P 500 series
itself is read from the npm package vega-datasets and not written here, only the results of models on it.

uniform_() on a CPU with AVX2 scales its random numbers with a fused multiply-add; without AVX2, PyTorch rounds twice
and the initial weights differ in their last bits. The files are from a CPU with AVX2.
"""
import hashlib
import json
import os
import sys
from pathlib import Path

os.environ["ATEN_CPU_CAPABILITY"] = "avx2"  # read when torch is imported
sys.dont_write_bytecode = True

import numpy as np
import pandas as pd
import torch
from torch import nn

import optimizers
import recurrent
import safetensors_file
import trainer
import training
import trainings
import tutorial

HERE = Path(__file__).parent
SP500 = HERE.parent.parent / "node_modules/vega-datasets/data/sp500-2000.csv"
ABOUT = {"torch": torch.__version__, "numpy": np.__version__, "cpu": "avx2", "script": "test/golden/generate.py"}


def short(value):
    """A float32 in the fewest digits that restore it."""
    return float(f"{float(value):.9g}")


def flat(tensor):
    """Values of a tensor, row-major."""
    return [short(value) for value in tensor.detach().reshape(-1).tolist()]


def write(name, content):
    """One line per innermost list, so that a difference shows the tensor it is in."""
    text = lines({"about": ABOUT, **content}, 0) + "\n"
    (HERE / name).write_text(text)
    print(f"{name}: {len(text) / 1024:.0f} KiB")


def lines(value, depth):
    pad = "  " * (depth + 1)
    if isinstance(value, dict):
        rows = [f"{pad}{json.dumps(key)}: {lines(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + "\n" + "  " * depth + "}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "[\n" + ",\n".join(pad + lines(item, depth + 1) for item in value) + "\n" + "  " * depth + "]"
    return json.dumps(value, separators=(",", ":"))


class Model(nn.Module):
    def __init__(self, I, H, O, L, cell="LSTM", **options):
        super().__init__()
        self.name = {"LSTM": "lstm", "GRU": "gru"}.get(cell, "rnn")
        options |= {"nonlinearity": "relu"} if cell == "RNN_RELU" else {}
        setattr(self, self.name, recurrent.KINDS[cell](I, H, L, batch_first=True, **options))
        features = (options.get("proj_size") or H) * (2 if options.get("bidirectional") else 1)
        self.fc = nn.Linear(features, O)

    def forward(self, x):
        states, _ = getattr(self, self.name)(x)
        return self.fc(states[:, -1])


# --- init.json: initial weights by seed --------------------------------------------------------------------------------


def init_case(seed, I, H, O, L, **options):
    torch.manual_seed(seed)
    model = Model(I, H, O, L, **options)
    tensors = {}
    for name, tensor in model.state_dict().items():
        values = flat(tensor)
        digest = hashlib.sha256(tensor.numpy().astype("<f4").tobytes()).hexdigest()
        tensors[name] = {"shape": list(tensor.shape), "sha256": digest, "first": values[:4], "last": values[-4:]}
        if H <= 7 and L == 1 and not options:
            tensors[name]["values"] = values
    config = {"inputSize": I, "hiddenSize": H, "outputSize": O, "numLayers": L}
    return {"seed": seed, **config, **{training.camel(key): value for key, value in options.items()}, "tensors": tensors}


def init():
    cases = [(0, 1, 32, 1, 1), (1, 1, 7, 1, 1), (1234, 1, 65, 1, 1), (42, 1, 9, 1, 2), (2**32 - 1, 3, 5, 2, 3)]
    others = [
        init_case(5, 3, 7, 2, 2, bidirectional=True),
        init_case(6, 2, 9, 3, 2, bidirectional=True, proj_size=4),
        init_case(7, 2, 5, 1, 1, bias=False),
        init_case(8, 2, 6, 1, 2, cell="GRU", bidirectional=True),
        init_case(9, 3, 11, 2, 1, cell="RNN_TANH"),
    ]
    write("init.json", {"cases": [init_case(*case) for case in cases] + others})


# --- model.json: a whole model, forward and backward ------------------------------------------------------------------


def model_case(seed, N, T, I, H, O, L, adam_steps, **options):
    """Sample n is rows n (T + 1) .. of the series: T inputs, then the target, its first O columns."""
    torch.manual_seed(seed)
    model = Model(I, H, O, L, **options)
    series = torch.rand(N * (T + 1), I) * 2 - 1
    windows = series.reshape(N, T + 1, I)
    x, target = windows[:, :T], windows[:, T, :O]
    y = model(x)
    loss = nn.functional.mse_loss(y, target)
    loss.backward()
    case = {"seed": seed, "N": N, "T": T, "inputSize": I, "hiddenSize": H, "outputSize": O, "numLayers": L, **options}
    case |= {"series": flat(series), "y": flat(y), "loss": short(loss)}
    case["gradients"] = {name: flat(parameter.grad) for name, parameter in model.named_parameters()}
    if adam_steps:
        case["adam"] = adam_trace(model, x, target, adam_steps)
    return case


def adam_trace(model, x, target, steps):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), target)
        loss.backward()
        optimizer.step()
        losses.append(short(loss))
    return {"lr": 1e-2, "losses": losses, "weights": {name: flat(p) for name, p in model.named_parameters()}}


def model():
    cases = [
        model_case(0, 1, 1, 1, 7, 1, 1, 10),
        model_case(1, 3, 5, 2, 7, 2, 1, 10),
        model_case(2, 2, 10, 1, 32, 1, 1, 0),
        model_case(3, 5, 4, 1, 65, 1, 1, 0),
        model_case(4, 2, 6, 3, 9, 2, 2, 10),
        model_case(5, 2, 9, 5, 13, 3, 1, 0, cell="GRU"),
    ]
    cases += [model_case(6, 3, 5, 2, 7, 2, 1, 10, cell=cell) for cell in ("GRU", "RNN_TANH", "RNN_RELU")]
    cases += [model_case(7, 3, 5, 2, 7, 2, 1, 10, cell=cell, bias=False) for cell in ("LSTM", "GRU", "RNN_TANH")]
    write("model.json", {"cases": cases})


# --- kernels.json: one operation at a time ----------------------------------------------------------------------------


def matmul_case(M, K, N):
    a, b, c = torch.randn(M, K), torch.randn(K, N), torch.randn(M, N)
    product = a @ b
    return {"M": M, "K": K, "N": N, "a": flat(a), "b": flat(b), "c": flat(c)} | {
        "product": flat(product),
        "accumulated": flat(torch.addmm(c, a, b)),
    }


def cell_case(N, H):
    """nn.LSTMCell with W_ih = 1 and W_hh = 0: its input is the gates, so autograd gives the gradient of the gates."""
    cell = nn.LSTMCell(4 * H, H)
    with torch.no_grad():
        cell.weight_ih.copy_(torch.eye(4 * H))
        cell.weight_hh.zero_()
    gates = (torch.randn(N, 4 * H) * 2).requires_grad_()
    c = torch.randn(N, H).requires_grad_()
    h_next, c_next = cell(gates, (torch.zeros(N, H), c))
    d_out, d_h, d_c = torch.randn(N, H), torch.randn(N, H), torch.randn(N, H)
    torch.autograd.backward([h_next, c_next], [d_out + d_h, d_c])
    i, f, g, o = (gates + cell.bias_ih + cell.bias_hh).reshape(N, 4, H).unbind(1)
    activated = torch.stack([i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()], dim=1)
    return {
        "N": N,
        "H": H,
        "gates": flat(gates),
        "bias_ih": flat(cell.bias_ih),
        "bias_hh": flat(cell.bias_hh),
        "c": flat(c),
        "activated": flat(activated),
        "c_next": flat(c_next),
        "h_next": flat(h_next),
        "d_out": flat(d_out),
        "d_h": flat(d_h),
        "d_c_next": flat(d_c),
        "d_gates": flat(gates.grad),
        "d_c": flat(c.grad),
        "d_bias": flat(cell.bias_ih.grad),
    }


def linear_case(N, H, O):
    layer = nn.Linear(H, O)
    h = torch.randn(N, H).requires_grad_()
    y = layer(h)
    d_y = torch.randn(N, O)
    y.backward(d_y)
    return {
        "N": N,
        "H": H,
        "O": O,
        "h": flat(h),
        "weight": flat(layer.weight),
        "bias": flat(layer.bias),
        "y": flat(y),
        "d_y": flat(d_y),
        "d_h": flat(h.grad),
        "d_weight": flat(layer.weight.grad),
        "d_bias": flat(layer.bias.grad),
    }


def gru_case(N, H):
    """nn.GRUCell with W_ih = 1 and W_hh = (0, 0, 1): gradients of its input and of h are those of the gates."""
    cell = nn.GRUCell(3 * H, H)
    with torch.no_grad():
        cell.weight_ih.copy_(torch.eye(3 * H))
        cell.weight_hh.zero_()
        cell.weight_hh[2 * H :].copy_(torch.eye(H))
    gates = (torch.randn(N, 3 * H) * 2).requires_grad_()
    h = torch.randn(N, H).requires_grad_()
    h_next = cell(gates, h)
    d_h = torch.randn(N, H)
    h_next.backward(d_h)
    case = {"N": N, "H": H, "gates": flat(gates), "bias_ih": flat(cell.bias_ih), "bias_hh": flat(cell.bias_hh)}
    case |= {"h": flat(h), "h_next": flat(h_next), "d_h": flat(d_h), "d_gates": flat(gates.grad), "d_before": flat(h.grad)}
    return case


def rnn_case(N, H, nonlinearity):
    """nn.RNNCell with W_ih = 1 and W_hh = 0."""
    cell = nn.RNNCell(H, H, nonlinearity=nonlinearity)
    with torch.no_grad():
        cell.weight_ih.copy_(torch.eye(H))
        cell.weight_hh.zero_()
    gates = (torch.randn(N, H) * 2).requires_grad_()
    h_next = cell(gates, torch.zeros(N, H))
    d_h = torch.randn(N, H)
    h_next.backward(d_h)
    case = {"N": N, "H": H, "nonlinearity": nonlinearity, "gates": flat(gates), "bias_ih": flat(cell.bias_ih)}
    return case | {"bias_hh": flat(cell.bias_hh), "h_next": flat(h_next), "d_h": flat(d_h), "d_gates": flat(gates.grad)}


def kernels():
    torch.manual_seed(0)
    write(
        "kernels.json",
        {
            "matmul": [matmul_case(*sizes) for sizes in [(1, 1, 1), (7, 5, 3), (33, 2, 35), (5, 65, 28)]],
            "cell": [cell_case(*sizes) for sizes in [(1, 7), (3, 7), (1, 65)]],
            "gru": [gru_case(*sizes) for sizes in [(1, 7), (3, 7), (1, 65)]],
            "rnn": [rnn_case(*sizes) for sizes in [(1, 7, "tanh"), (3, 7, "tanh"), (3, 7, "relu"), (1, 65, "relu")]],
            "linear": [linear_case(*sizes) for sizes in [(1, 7, 1), (3, 7, 2), (2, 65, 3), (65, 3, 1)]],
        },
    )


# --- the rest of torch.nn and torch.optim ------------------------------------------------------------------------------


def modules():
    write("optimizers.json", {"optimizers": optimizers.optimizers(flat), "clips": optimizers.clips(flat)})
    write("losses.json", {"cases": optimizers.losses(flat)})
    write("schedules.json", optimizers.schedules())
    write("trainer.json", {"cases": trainer.cases(flat)})
    write("trainings.json", trainings.rows())
    write("recurrent.json", {"cases": recurrent.cases()})
    from_pytorch()


def from_pytorch():
    """A typical PyTorch model with its own parameter names: its file and its predictions."""
    torch.manual_seed(11)
    model = Model(2, 6, 3, 2, bidirectional=True, proj_size=4)
    x = torch.rand(5, 8, 2) * 2 - 1
    names = {"lstm.": "model.rnn.", "fc.": "model.V."}
    renamed = {names[name.split(".")[0] + "."] + name.split(".")[1]: value for name, value in model.state_dict().items()}
    safetensors_file.write(HERE / "from_pytorch.safetensors", renamed, {"format": "pt"})
    config = {"inputSize": 2, "hiddenSize": 6, "outputSize": 3, "numLayers": 2, "bidirectional": True, "projSize": 4}
    write("from_pytorch.json", {"config": config, "shape": list(x.shape), "x": flat(x), "y": flat(model(x))})


# --- tutorial.json: the complete job ----------------------------------------------------------------------------------


def synthetic_series():
    """A trend and two waves, rounded so that results do not depend on the last bits of a sine."""
    row = np.arange(200)
    return np.round(100 + 0.1 * row + 8 * np.sin(row / 6) + 3 * np.sin(row / 2.5), 4)


def jobs():
    closes = pd.read_csv(SP500)["close"].to_numpy(float)[-1000:]
    made_up = synthetic_series()
    sp500 = {"hidden": 32, "window": 10, "seed": 0}
    small = {"hidden": 16, "window": 7, "seed": 0}
    write(
        "tutorial.json",
        {
            "sp500": tutorial.run(closes, **sp500, epochs=20, batch=1, scaler_fit="all"),
            "sp500Batch32": tutorial.run(closes, **sp500, epochs=3, batch=32, scaler_fit="all"),
            "series": made_up.tolist(),
            "synthetic": tutorial.run(made_up, **small, epochs=3, batch=1, scaler_fit="train"),
            "syntheticBatch5": tutorial.run(made_up, **small, epochs=3, batch=5, scaler_fit="train"),
        },
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    init()
    kernels()
    model()
    modules()
    jobs()
