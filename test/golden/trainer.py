"""Whole trainings on sequences: every cell, head, loss, optimizer, clipping and schedule in some combination."""
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

SAMPLES, EPOCHS, BATCH = 8, 4, 3


class Model(nn.Module):
    def __init__(self, cell, I, H, O, head, **options):
        super().__init__()
        kinds = {"LSTM": nn.LSTM, "GRU": nn.GRU, "RNN_TANH": nn.RNN, "RNN_RELU": nn.RNN}
        if cell == "RNN_RELU":
            options["nonlinearity"] = "relu"
        rnn = kinds[cell](I, H, batch_first=True, **options)
        self.name = {"LSTM": "lstm", "GRU": "gru"}.get(cell, "rnn")
        setattr(self, self.name, rnn)
        features = (options.get("proj_size") or H) * (2 if options.get("bidirectional") else 1)
        self.fc = nn.Linear(features, O)
        self.head = head

    def forward(self, x, lengths):
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        states, _ = getattr(self, self.name)(packed)
        output, _ = pad_packed_sequence(states, batch_first=True, total_length=x.shape[1])
        if self.head == "every":
            return self.fc(output)
        return self.fc(output[torch.arange(len(x)), lengths - 1])


def quantile_loss(y, target, quantiles, reduction):
    error = target.unsqueeze(-1) - y.reshape(*target.shape, len(quantiles))
    q = torch.tensor(quantiles)
    loss = torch.maximum(q * error, (q - 1) * error)
    return loss.mean() if reduction == "mean" else loss.sum()


def loss_of(case, y, target):
    """y and target hold valid rows only: [rows, O] and [rows, K], or classes [rows]."""
    name, reduction = case["loss"]["name"], case["loss"].get("reduction", "mean")
    if name == "quantile":
        return quantile_loss(y, target, case["loss"]["quantiles"], reduction)
    functions = {
        "mse": nn.MSELoss(reduction=reduction),
        "l1": nn.L1Loss(reduction=reduction),
        "huber": nn.HuberLoss(reduction=reduction, delta=case["loss"].get("delta", 1.0)),
        "smoothL1": nn.SmoothL1Loss(reduction=reduction, beta=case["loss"].get("beta", 1.0)),
        "crossEntropy": nn.CrossEntropyLoss(reduction=reduction),
    }
    return functions[name](y, target)


def train(case, flat):
    config, every = case["model"], case["model"]["head"] == "every"
    options = {"num_layers": config.get("numLayers", 1), "bidirectional": config.get("bidirectional", False)}
    options["bias"] = config.get("bias", True)
    if config.get("projSize"):
        options["proj_size"] = config["projSize"]
    torch.manual_seed(case["seed"])
    model = Model(config["cell"], config["inputSize"], config["hiddenSize"], config["outputSize"], config["head"], **options)
    T, O = case["steps"], config["outputSize"]
    inputs = torch.rand(SAMPLES, T, config["inputSize"]) * 2 - 1
    lengths = torch.tensor(case["lengths"]) if "lengths" in case else torch.full((SAMPLES,), T)
    places = [SAMPLES, T] if every else [SAMPLES]
    if case["loss"]["name"] == "crossEntropy":
        targets = torch.randint(0, O, places)
    else:
        targets = torch.rand(*places, O // len(case["loss"].get("quantiles", [0]))) * 2 - 1
    kind, settings = case["optimizer"]
    optimizer = getattr(torch.optim, kind)(model.parameters(), **settings)
    scheduler = schedule_of(case, optimizer)
    losses, last, rates = [], [], []
    for _ in range(EPOCHS):
        total = 0.0
        for first in range(0, SAMPLES, BATCH):
            rows = slice(first, first + BATCH)
            y, target = model(inputs[rows], lengths[rows]), targets[rows]
            if every:
                valid = torch.arange(T) < lengths[rows, None]
                y, target = y[valid], target[valid]
            loss = loss_of(case, y, target)
            optimizer.zero_grad()
            loss.backward()
            if "norm" in case.get("clip", {}):
                nn.utils.clip_grad_norm_(model.parameters(), case["clip"]["norm"])
            if "value" in case.get("clip", {}):
                nn.utils.clip_grad_value_(model.parameters(), case["clip"]["value"])
            optimizer.step()
            rate = optimizer.param_groups[0]["lr"]
            if scheduler and case["schedule"].get("per") == "step":
                scheduler.step()
            total += loss.item() * len(target if not every else inputs[rows])
        losses.append(total / SAMPLES)
        last.append(loss.item())
        rates.append(rate)
        if scheduler and case["schedule"].get("per", "epoch") == "epoch":
            scheduler.step()
    case |= {"inputs": flat(inputs), "targets": flat(targets.float()), "losses": losses, "lastLosses": last, "rates": rates}
    case["weights"] = {name: flat(value) for name, value in model.named_parameters()}
    case["optimizer"] = {"name": kind, **{camel(key): value for key, value in settings.items()}}
    return case


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def schedule_of(case, optimizer):
    schedule = case.get("schedule")
    if not schedule:
        return None
    lr_scheduler = torch.optim.lr_scheduler
    if schedule["name"] == "StepLR":
        return lr_scheduler.StepLR(optimizer, schedule["stepSize"], schedule["gamma"])
    return lr_scheduler.CosineAnnealingLR(optimizer, schedule["tMax"], schedule["etaMin"])


def cases(flat):
    ragged = [5, 1, 3, 5, 2, 4, 1, 5]
    described = [
        {
            "model": {"cell": "LSTM", "inputSize": 2, "hiddenSize": 5, "outputSize": 2, "head": "last"},
            "loss": {"name": "mse"},
            "optimizer": ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}),
            "clip": {"norm": 0.1},
            "schedule": {"name": "StepLR", "stepSize": 2, "gamma": 0.5},
        },
        {
            "model": {"cell": "GRU", "inputSize": 3, "hiddenSize": 7, "outputSize": 4, "head": "every", "numLayers": 2},
            "loss": {"name": "crossEntropy"},
            "lengths": ragged,
            "optimizer": ("AdamW", {"lr": 0.01, "weight_decay": 0.1}),
            "schedule": {"name": "CosineAnnealingLR", "tMax": 12, "etaMin": 0.001, "per": "step"},
        },
        {
            "model": {"cell": "LSTM", "inputSize": 1, "hiddenSize": 6, "outputSize": 1, "head": "last", "numLayers": 2,
                      "bidirectional": True, "projSize": 3},
            "loss": {"name": "huber", "delta": 0.3},
            "lengths": ragged,
            "optimizer": ("Adam", {"lr": 0.01, "weight_decay": 0.01, "amsgrad": True}),
            "clip": {"value": 0.05},
        },
        {
            "model": {"cell": "RNN_RELU", "inputSize": 2, "hiddenSize": 4, "outputSize": 2, "head": "every", "bias": False},
            "loss": {"name": "l1", "reduction": "sum"},
            "optimizer": ("RMSprop", {"lr": 0.003, "centered": True, "momentum": 0.5}),
        },
        {
            "model": {"cell": "RNN_TANH", "inputSize": 2, "hiddenSize": 4, "outputSize": 3, "head": "last",
                      "bidirectional": True},
            "loss": {"name": "quantile", "quantiles": [0.1, 0.5, 0.9]},
            "optimizer": ("Adam", {"lr": 0.01}),
        },
        {
            "model": {"cell": "GRU", "inputSize": 1, "hiddenSize": 3, "outputSize": 1, "head": "every",
                      "bidirectional": True},
            "loss": {"name": "smoothL1", "beta": 0.5},
            "optimizer": ("SGD", {"lr": 0.1, "weight_decay": 0.01}),
            "clip": {"norm": 0.05, "value": 0.02},
        },
    ]
    return [train({"seed": seed, "steps": 5, **case}, flat) for seed, case in enumerate(described)]
