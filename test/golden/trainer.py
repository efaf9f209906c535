"""Whole training runs on sequences: every cell, head, loss, optimizer, clipping and schedule in some combination."""
import torch

import training

SAMPLES, EPOCHS, BATCH = 8, 4, 3


def train(case, flat):
    config, every = case["model"], case["model"]["head"] == "every"
    T, O = case["steps"], config["outputSize"]
    training.model_of(config, case["seed"])  # samples are drawn after its weights
    inputs = torch.rand(SAMPLES, T, config["inputSize"]) * 2 - 1
    places = [SAMPLES, T] if every else [SAMPLES]
    if case["loss"]["name"] == "crossEntropy":
        targets = torch.randint(0, O, places)
    else:
        targets = torch.rand(*places, O // len(case["loss"].get("quantiles", [0]))) * 2 - 1
    lengths = torch.tensor(case["lengths"]) if "lengths" in case else None
    run = training.run({**case, "epochs": EPOCHS, "batchSize": BATCH}, inputs, targets, lengths)
    case |= {"inputs": flat(inputs), "targets": flat(targets.float())}
    case |= {name: run[name] for name in ("losses", "lastLosses", "rates")}
    return case | {"weights": {name: flat(value) for name, value in run["weights"].items()}}


def cases(flat):
    ragged = [5, 1, 3, 5, 2, 4, 1, 5]
    described = [
        {
            "model": {"cell": "LSTM", "inputSize": 2, "hiddenSize": 5, "outputSize": 2, "head": "last"},
            "loss": {"name": "mse"},
            "optimizer": {"name": "SGD", "lr": 0.05, "momentum": 0.9, "nesterov": True},
            "clip": {"norm": 0.1},
            "schedule": {"name": "StepLR", "stepSize": 2, "gamma": 0.5},
        },
        {
            "model": {"cell": "GRU", "inputSize": 3, "hiddenSize": 7, "outputSize": 4, "head": "every", "numLayers": 2},
            "loss": {"name": "crossEntropy"},
            "lengths": ragged,
            "optimizer": {"name": "AdamW", "lr": 0.01, "weightDecay": 0.1},
            "schedule": {"name": "CosineAnnealingLR", "tMax": 12, "etaMin": 0.001, "per": "step"},
        },
        {
            "model": {"cell": "LSTM", "inputSize": 1, "hiddenSize": 6, "outputSize": 1, "head": "last", "numLayers": 2,
                      "bidirectional": True, "projSize": 3},
            "loss": {"name": "huber", "delta": 0.3},
            "lengths": ragged,
            "optimizer": {"name": "Adam", "lr": 0.01, "weightDecay": 0.01, "amsgrad": True},
            "clip": {"value": 0.05},
        },
        {
            "model": {"cell": "RNN_RELU", "inputSize": 2, "hiddenSize": 4, "outputSize": 2, "head": "every", "bias": False},
            "loss": {"name": "l1", "reduction": "sum"},
            "optimizer": {"name": "RMSprop", "lr": 0.003, "centered": True, "momentum": 0.5},
        },
        {
            "model": {"cell": "RNN_TANH", "inputSize": 2, "hiddenSize": 4, "outputSize": 3, "head": "last",
                      "bidirectional": True},
            "loss": {"name": "quantile", "quantiles": [0.1, 0.5, 0.9]},
            "optimizer": {"name": "Adam", "lr": 0.01},
        },
        {
            "model": {"cell": "GRU", "inputSize": 1, "hiddenSize": 3, "outputSize": 1, "head": "every",
                      "bidirectional": True},
            "loss": {"name": "smoothL1", "beta": 0.5},
            "optimizer": {"name": "SGD", "lr": 0.1, "weightDecay": 0.01},
            "clip": {"norm": 0.05, "value": 0.02},
        },
    ]
    return [train({"seed": seed, "steps": 5, **case}, flat) for seed, case in enumerate(described)]
