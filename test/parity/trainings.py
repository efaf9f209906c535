"""The other side of trainings.test.ts: trains every case in a folder in float32, and again to measure the effect of rounding:
in float64, and in float32 with other roundings (Adam takes whole steps for gradients hardly larger than their rounding).

in:  <k>.safetensors: `weights.<name>`, `inputs`, `targets`, `lengths`, `orders` [epochs, samples]; optional
     `validation.inputs`, `validation.targets`, `validation.lengths`; the training run as metadata
out: <k>.out.safetensors: weights after it; losses, last losses, rates, validation losses as metadata, and `rounding`: the
     distance of the others from it, relative to the change of the weights, or to the losses
"""
import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent.parent / "golden"))

import safetensors_file
import torch
import training

NUMBERS = ("losses", "lastLosses", "rates", "validationLosses")


def samples(tensors, case, prefix=""):
    """Inputs, targets and lengths."""
    classes = case.get("loss", {}).get("name") == "crossEntropy"
    targets = tensors[f"{prefix}targets"]
    return tensors[f"{prefix}inputs"], targets.long() if classes else targets, tensors[f"{prefix}lengths"].long()


def rounding(run, other):
    """The largest relative difference of another run, beyond half a unit of a weight for every step."""
    shares = [0.0]
    for name, value in run["weights"].items():
        moved = float((value - run["initial"][name]).abs().max())
        off = float((other["weights"][name] - value).abs().max())
        unit = run["steps"] * 2**-24 * float(value.abs().max())
        shares.append(max(0.0, off - unit) / moved if moved > 0 else 0.0)
    for name in NUMBERS:
        shares += [abs(a - b) / (abs(b) or 1.0) for a, b in zip(other[name], run[name])]
    return max(shares)


torch.set_num_threads(1)
for path in sorted(Path(sys.argv[1]).glob("[0-9]*.safetensors")):
    tensors, metadata = safetensors_file.read(path)
    case = json.loads(metadata["case"])
    validation = samples(tensors, case, "validation.") if "validation.inputs" in tensors else None
    weights = {name[8:]: value for name, value in tensors.items() if name.startswith("weights.")}
    given = {"weights": weights, "orders": tensors["orders"].long(), "validation": validation}
    ways = ({}, {"dtype": torch.float64}, *({"scale": scale} for scale in (3, 5, 7, 11)))
    run, *others = [training.run(case, *samples(tensors, case), **given, **way) for way in ways]
    numbers = {name: run[name] for name in NUMBERS} | {"rounding": max(rounding(run, other) for other in others)}
    safetensors_file.write(path.with_suffix(".out.safetensors"), run["weights"], {"numbers": json.dumps(numbers)})
