"""All arguments and results of torch.nn.LSTM, GRU and RNN: outputs, final states and every gradient."""
import base64
import itertools

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

KINDS = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN_TANH": nn.RNN, "RNN_RELU": nn.RNN}


def packed(tensor):
    """Little-endian float32 as base64, to keep a few hundred tensors small."""
    return base64.b64encode(tensor.detach().contiguous().numpy().astype("<f4").tobytes()).decode()


def module_of(config):
    options = {"nonlinearity": "relu"} if config["cell"] == "RNN_RELU" else {}
    if config.get("projSize"):
        options["proj_size"] = config["projSize"]
    return KINDS[config["cell"]](
        config["inputSize"],
        config["hiddenSize"],
        config.get("numLayers", 1),
        bias=config.get("bias", True),
        batch_first=config.get("batchFirst", False),
        bidirectional=config.get("bidirectional", False),
        **options,
    )


def run(module, config, draw, T, N, states, lengths, batched=True):
    """Forward, and backward from a random gradient of every output. `draw(shape)` returns values in [-1, 1)."""
    first = config.get("batchFirst", False) and batched
    D, L = (2 if config.get("bidirectional") else 1), config.get("numLayers", 1)
    H, P = config["hiddenSize"], config.get("projSize") or config["hiddenSize"]
    rows = [N] if batched else []
    x = draw([N, T, config["inputSize"]] if first else [T, *rows, config["inputSize"]]).requires_grad_()
    lstm = config["cell"] == "LSTM"
    h0 = draw([D * L, *rows, P]).requires_grad_() if states else None
    c0 = draw([D * L, *rows, H]).requires_grad_() if states and lstm else None
    initial = None if not states else (h0, c0) if lstm else h0
    given = pack_padded_sequence(x, lengths, batch_first=first, enforce_sorted=False) if lengths else x
    output, final = module(given, initial)
    if lengths:
        output, _ = pad_packed_sequence(output, batch_first=first, total_length=T)
    hn, cn = final if lstm else (final, None)
    d_output, d_hn = draw(output.shape), draw(hn.shape)
    d_cn = draw(cn.shape) if lstm else None
    grads = [d_output, d_hn] + ([d_cn] if lstm else [])
    torch.autograd.backward([output, hn] + ([cn] if lstm else []), grads)
    result = {"output": output, "hn": hn, "cn": cn, "input": x.grad}
    result |= {"h0": h0.grad if states else None, "c0": c0.grad if c0 is not None else None}
    parameters = {name: value.grad for name, value in module.named_parameters()}
    values = {"input": x, "h0": h0, "c0": c0, "dOutput": d_output, "dHn": d_hn, "dCn": d_cn}
    return values, result, parameters


def case(seed, config, T=4, N=3, states=False, lengths=None, batched=True):
    torch.manual_seed(seed)
    module = module_of(config)
    torch.manual_seed(seed + 1000)  # the test repeats these draws in order: input, h0, c0, then the gradients
    draw = lambda shape: torch.empty(shape).uniform_(-1, 1)
    _, result, parameters = run(module, config, draw, T, N, states, lengths, batched)
    described = {"seed": seed, "config": config, "T": T, "N": N, "states": states, "lengths": lengths, "batched": batched}
    described |= {name: packed(value) for name, value in result.items() if value is not None}
    return described | {"parameters": {name: packed(value) for name, value in parameters.items()}}


def cases():
    described = []
    add = lambda config, **call: described.append(case(len(described), config, **call))
    # the grid of arguments that determine shapes
    for cell, L, bidirectional, bias in itertools.product(KINDS, (1, 2), (False, True), (True, False)):
        config = {"cell": cell, "inputSize": 3, "hiddenSize": 5, "numLayers": L, "bidirectional": bidirectional, "bias": bias}
        k = len(described)
        lengths = [[3, 1, 4], None][k % 2]
        add({**config, "batchFirst": k % 3 == 0}, states=k % 4 < 2, lengths=lengths)
    for L, bidirectional, bias in itertools.product((1, 2, 3), (False, True), (True, False)):
        config = {"cell": "LSTM", "inputSize": 2, "hiddenSize": 5, "numLayers": L, "bidirectional": bidirectional, "bias": bias}
        k = len(described)
        add({**config, "projSize": 3, "batchFirst": k % 2 == 0}, states=k % 3 > 0, lengths=[[2, 5, 1], None][k % 2], T=5)
    # the calls
    for cell in KINDS:
        two = {"cell": cell, "inputSize": 2, "hiddenSize": 4, "numLayers": 2, "bidirectional": True}
        add(two, T=1, N=1)
        add(two, T=1, N=3, states=True)
        add(two, T=7, N=1, states=True, lengths=[4])
        add(two, T=6, N=1, batched=False)
        add({**two, "batchFirst": True}, T=3, N=1, states=True, batched=False)
        add({**two, "batchFirst": True}, T=6, N=5, states=True, lengths=[6, 1, 3, 6, 2])
        add({"cell": cell, "inputSize": 1, "hiddenSize": 7, "numLayers": 3}, T=5, N=2, states=True, lengths=[1, 5])
    add({"cell": "LSTM", "inputSize": 1, "hiddenSize": 65}, T=3, N=2, states=True)
    add({"cell": "LSTM", "inputSize": 5, "hiddenSize": 9, "projSize": 8, "bidirectional": True}, T=3, N=1, batched=False)
    add({"cell": "GRU", "inputSize": 5, "hiddenSize": 33}, T=30, N=2)
    add({"cell": "LSTM", "inputSize": 1, "hiddenSize": 1}, T=2, N=67, states=True)
    return described
