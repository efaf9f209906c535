"""The safetensors format written by hand, float32 only, so that only PyTorch is needed."""
import json
import struct
from pathlib import Path

import numpy as np
import torch


def write(path, tensors, metadata=None):
    """tensors: names to tensors. https://huggingface.co/docs/safetensors"""
    header, data = ({"__metadata__": metadata} if metadata else {}), b""
    for name, tensor in tensors.items():
        values = tensor.detach().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def read(path):
    """Returns tensors by name, and the metadata."""
    content = Path(path).read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(content[8 + size + begin : 8 + size + end], dtype="<f4").copy()
        tensors[name] = torch.from_numpy(values.reshape(entry["shape"]))
    return tensors, metadata
