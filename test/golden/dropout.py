"""The library's dropout in PyTorch: seed, layer and step determine the dropped values, as in shaders/dropout.wgsl."""
import numpy as np
import torch
from torch.nn.utils.rnn import pad_packed_sequence, pack_padded_sequence


def philox(counter, key):
    """Philox-4x32-10 for many counters [4, count] and one key."""
    word = np.uint64(0xFFFFFFFF)
    c, k = counter.astype(np.uint64), [np.uint64(part) for part in key]
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * c[0], np.uint64(0xCD9E8D57) * c[2]
        c = np.stack([(b >> np.uint64(32)) ^ c[1] ^ k[0], b & word, (a >> np.uint64(32)) ^ c[3] ^ k[1], a & word])
        k = [(part + np.uint64(step)) & word for part, step in zip(k, (0x9E3779B9, 0xBB67AE85))]
    return c


def mask(p, shape, seed, layer, step):
    """The factors for the values of a layer's output [T, N, F]."""
    k = np.arange(int(np.prod(shape)))
    counter = np.zeros([4, len(k)])
    counter[0], counter[1] = k // 4, step
    words = philox(counter, (seed, layer))[k % 4, k]
    u = (words >> np.uint64(8)).astype(np.float32) / np.float32(2**24)
    return torch.from_numpy((u >= np.float32(p)).reshape(shape) / (1 - p))


def forward(rnn, x, lengths, masks):
    """A recurrent module layer by layer. x [N, T, I] of N rows; masks of all layers but the last [T, rows of a batch, F]."""
    for layer in range(rnn.num_layers):
        options = {"bias": rnn.bias, "batch_first": True, "bidirectional": rnn.bidirectional}
        options |= {"proj_size": rnn.proj_size} if rnn.proj_size else {}
        options |= {"nonlinearity": rnn.nonlinearity} if hasattr(rnn, "nonlinearity") else {}
        one = type(rnn)(x.shape[2], rnn.hidden_size, 1, **options).to(x.dtype)
        for name in list(one._parameters):
            setattr(one, name, getattr(rnn, name.replace("_l0", f"_l{layer}")))
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        x, _ = pad_packed_sequence(one(packed)[0], batch_first=True, total_length=x.shape[1])
        if layer < rnn.num_layers - 1:
            x = x * masks[layer].to(x.dtype).transpose(0, 1)[: len(x)]
    return x
