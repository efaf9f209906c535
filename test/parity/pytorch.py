"""The other side of pytorch.test.ts: for every case in a folder, PyTorch's results for the weights and inputs there.

in:  <k>.safetensors: weights as `weight_ih_l0` and so on, `x`, `h0`, `c0`, `dOutput`, `dHn`, `dCn`; the configuration as metadata
out: <k>.out.safetensors: output, hn, cn, and every gradient as `grad.<name>`;
     <k>.theirs.safetensors: PyTorch's own weights, with the prefix `model.rnn.`; <k>.theirs.out.safetensors: their output
"""
import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent.parent / "golden"))

import recurrent
import safetensors_file
import torch

torch.set_num_threads(1)
for path in sorted(Path(sys.argv[1]).glob("[0-9]*.safetensors")):
    tensors, metadata = safetensors_file.read(path)
    case = json.loads(metadata["case"])
    module = recurrent.module_of(case["config"])
    names = [name for name, _ in module.named_parameters()]
    module.load_state_dict({name: tensors[name] for name in names})
    drawn = iter([tensors[name] for name in ("x", "h0", "c0", "dOutput", "dHn", "dCn") if name in tensors])
    call = [case["T"], case["N"], case["states"], case["lengths"], case["batched"]]
    _, result, gradients = recurrent.run(module, case["config"], lambda shape: next(drawn), *call)
    out = {name: value for name, value in result.items() if value is not None}
    out |= {f"grad.{name}": value for name, value in gradients.items()}
    safetensors_file.write(path.with_suffix(".out.safetensors"), out)

    torch.manual_seed(case["seed"] + 1)
    theirs = recurrent.module_of(case["config"])
    safetensors_file.write(
        path.with_suffix(".theirs.safetensors"),
        {f"model.rnn.{name}": value for name, value in theirs.named_parameters()},
    )
    drawn = iter([tensors[name] for name in ("x", "h0", "c0", "dOutput", "dHn", "dCn") if name in tensors])
    _, result, _ = recurrent.run(theirs, case["config"], lambda shape: next(drawn), *call)
    safetensors_file.write(path.with_suffix(".theirs.out.safetensors"), {"output": result["output"], "hn": result["hn"]})
