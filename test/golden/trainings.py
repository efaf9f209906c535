"""Every optimizer, loss, schedule, clip and cell with its defaults, and with each of its options: short training runs.

A row trains on windows of `series`, which a Forecaster cuts itself and a Trainer gets as samples, or on `sequences`,
which only a Trainer accepts.
"""
import torch

import recurrent
import training

LENGTHS = [5, 1, 3, 5, 2, 4, 1, 5, 2]
ROWS, WINDOW, SPLIT = 16, 4, 0.8
# required options, and choices without effect: no momentum to dampen, no norm that large
NEEDED = {"name", "stepSize", "tMax", "schedules", "milestones", "quantiles"}
IDLE = [{"name": "SGD", "dampening": 0.3}, {"norm": 1e6}]
USUAL = {"cell": "LSTM", "inputSize": 1, "hiddenSize": 3}


def data():
    """Multiples of 1/32, so that scaling their range to [-1, 1] is exact."""
    generator = torch.Generator().manual_seed(0)
    draw = lambda *shape: torch.randint(-32, 33, shape, generator=generator) / 32
    series = draw(ROWS, 2)
    series[1], series[5] = -1, 1  # training rows for every horizon
    sequences = {"inputs": draw(9, 5, 2), "values": draw(9, 5, 3), "lengths": torch.tensor(LENGTHS)}
    return series, sequences | {"classes": torch.randint(0, 3, (9, 5), generator=generator)}


def windows(series, columns, horizon):
    """The training samples: inputs [S, T, I], targets [S, horizon]."""
    count = int(SPLIT * (ROWS - WINDOW - horizon + 1)) - (horizon - 1)
    inputs = torch.stack([series[k : k + WINDOW, :columns] for k in range(count)])
    return inputs, torch.stack([series[k + WINDOW : k + WINDOW + horizon, 0] for k in range(count)])


def samples(row, series, sequences):
    model, loss = row["model"], row.get("loss", {}).get("name")
    O = model.get("outputSize", 1)
    if row["data"] == "series":
        return *windows(series, model["inputSize"], O // quantiles_of(row)), None
    targets = sequences["classes"] if loss == "crossEntropy" else sequences["values"][..., : O // quantiles_of(row)]
    every = model.get("head") == "every"
    return sequences["inputs"], targets if every else targets[:, 0], sequences["lengths"]


def quantiles_of(row):
    loss = row.get("loss", {})
    return len(loss.get("quantiles", [0.1, 0.5, 0.9])) if loss.get("name") == "quantile" else 1


def optimizers():
    shared = [{}, {"lr": 0.03}, {"weightDecay": 0.2}]
    of_adam = shared + [{"betas": [0.7, 0.95]}, {"eps": 0.01}, {"amsgrad": True, "betas": [0.9, 0.3], "lr": 0.03}]
    of_sgd = shared + [{"momentum": 0.8}, {"momentum": 0.8, "dampening": 0.3}, {"dampening": 0.3}]
    of_sgd += [{"momentum": 0.8, "nesterov": True}]
    of_rms = shared + [{"alpha": 0.8}, {"eps": 0.05}, {"momentum": 0.6}, {"centered": True}]
    every = [
        ("Adam", of_adam + [{"lr": 0.03, "betas": [0.7, 0.95], "eps": 0.01, "weightDecay": 0.2, "amsgrad": True}]),
        ("AdamW", of_adam + [{"lr": 0.03, "betas": [0.7, 0.95], "eps": 0.01, "weightDecay": 0.2, "amsgrad": True}]),
        ("SGD", of_sgd + [{"lr": 0.03, "momentum": 0.8, "dampening": 0.3, "weightDecay": 0.2}]),
        ("RMSprop", of_rms + [{"lr": 0.003, "alpha": 0.8, "weightDecay": 0.2, "momentum": 0.6, "centered": True}]),
    ]
    for name, choices in every:
        for options in choices:
            yield {"model": USUAL, "optimizer": {"name": name, **options}}


def losses():
    kinds = [("mse", []), ("l1", []), ("huber", [{"delta": 0.4}]), ("smoothL1", [{"beta": 0.4}])]
    for name, others in [*kinds, ("quantile", [{"quantiles": [0.2, 0.7]}])]:
        for options in [{}, {"reduction": "sum"}, *others]:
            loss = {"name": name, **options}
            yield {"model": {**USUAL, "outputSize": quantiles_of({"loss": loss})}, "loss": loss}
    for head in ("last", "every"):
        for options in ({}, {"reduction": "sum"}):
            model = {**USUAL, "inputSize": 2, "outputSize": 3, "head": head}
            yield {"model": model, "loss": {"name": "crossEntropy", **options}, "data": "sequences"}
    for name, options in [("mse", {}), ("l1", {"reduction": "sum"}), ("huber", {}), ("quantile", {})]:
        model = {**USUAL, "inputSize": 2, "outputSize": 3, "head": "every"}
        yield {"model": model, "loss": {"name": name, **options}, "data": "sequences"}


def schedules():
    linear = {"name": "LinearLR", "totalIters": 2}
    cosine = {"name": "CosineAnnealingLR", "tMax": 2}
    described = [("StepLR", {"stepSize": 2}, [{"gamma": 0.5}, {"per": "step"}])]
    described += [("CosineAnnealingLR", {"tMax": 2}, [{"etaMin": 0.004}, {"per": "step"}])]
    described += [("LinearLR", {}, [{"startFactor": 0.1}, {"endFactor": 0.2}, {"totalIters": 2}, {"per": "step"}])]
    described += [("SequentialLR", {"schedules": [linear, cosine], "milestones": [1]}, [{"per": "step"}])]
    for name, needed, others in described:
        for options in [{}, *others]:
            yield {"model": USUAL, "schedule": {"name": name, **needed, **options}}
    keen = {"threshold": 0.1, "patience": 0}
    others = [{"factor": 0.5}, {"patience": 1}, {"thresholdMode": "abs"}, {"cooldown": 1}, {"minLr": 0.003}, {"eps": 0.01}]
    for options in ({}, *others):
        yield {"model": USUAL, "schedule": {"name": "ReduceLROnPlateau", **keen, **options}, "epochs": 8}
    rough = {"optimizer": {"name": "Adam", "lr": 0.3}, "seed": 1, "epochs": 16, "batchSize": 9}  # soon stops improving
    for options in ({}, {"patience": 3}, {"threshold": 0.05}):
        yield {"model": USUAL, **rough, "schedule": {"name": "ReduceLROnPlateau", **options}}


def clips():
    for clip in ({"norm": 0.05}, {"norm": 1e6}, {"value": 0.02}, {"norm": 0.05, "value": 0.02}):
        yield {"model": USUAL, "clip": clip, "optimizer": {"name": "SGD", "lr": 0.3}}


def cells():
    for cell in ("LSTM", "GRU", "RNN_TANH", "RNN_RELU"):
        options = [{}, {"numLayers": 2}, {"bias": False}, {"bidirectional": True}, {"outputSize": 2}, {"inputSize": 2}]
        options += [{"dropout": 0.4, "numLayers": 2}, {"hiddenSize": 5, "numLayers": 2, "bidirectional": True}]
        if cell == "LSTM":
            options += [{"projSize": 2}, {"projSize": 2, "numLayers": 2, "bidirectional": True, "bias": False}]
        for own in options:
            yield {"model": {**USUAL, "cell": cell, **own}}
        own = {"inputSize": 2, "outputSize": 2, "numLayers": 2, "bidirectional": True}
        own |= {"projSize": 2} if cell == "LSTM" else {}
        deep = {"numLayers": 3, "dropout": 0.2, "head": "every", "hiddenSize": 4}
        yield {"model": {**USUAL, "cell": cell, **own, **deep}, "data": "sequences", "seed": 7}
        for head in ("last", "every"):
            yield {"model": {**USUAL, "cell": cell, **own, "head": head}, "data": "sequences", "seed": 7}


def together():
    """Many options at once."""
    two_layers = {"inputSize": 2, "numLayers": 2, "bidirectional": True, "dropout": 0.3, "head": "every"}
    lstm = {**USUAL, **two_layers, "projSize": 2, "outputSize": 2}
    gru, rnn = {**USUAL, **two_layers, "cell": "GRU"}, {**USUAL, **two_layers, "cell": "RNN_TANH"}
    adam = {"name": "AdamW", "lr": 0.03, "betas": [0.7, 0.9], "weightDecay": 0.1, "amsgrad": True}
    rmsprop = {"name": "RMSprop", "lr": 0.003, "alpha": 0.9, "momentum": 0.5, "centered": True}
    sgd = {"name": "SGD", "lr": 0.1, "momentum": 0.8, "weightDecay": 0.1, "nesterov": True}
    halved = {"name": "StepLR", "stepSize": 4, "gamma": 0.5, "per": "step"}
    sequences = {"data": "sequences", "seed": 7}
    yield {"model": lstm, "optimizer": adam, "clip": {"norm": 0.3, "value": 0.05}, "schedule": halved, **sequences}
    yield {"model": {**gru, "outputSize": 3}, "optimizer": sgd, "loss": {"name": "crossEntropy"}, **sequences}
    quantile = {"name": "quantile", "quantiles": [0.2, 0.7]}
    yield {"model": {**rnn, "outputSize": 2}, "optimizer": rmsprop, "loss": quantile, **sequences}
    relu = {**USUAL, "cell": "RNN_RELU", "inputSize": 2, "hiddenSize": 4, "numLayers": 2, "outputSize": 2}
    yield {"model": relu, "optimizer": rmsprop, "loss": {"name": "huber", "delta": 0.4}, "clip": {"norm": 0.3}}
    yield {"model": {**USUAL, "bias": False}, "optimizer": sgd, "loss": {"name": "l1", "reduction": "sum"}}


def rows():
    series, sequences = data()
    described = [*optimizers(), *losses(), *schedules(), *clips(), *cells(), *together()]
    # two members of an ensemble, each with its own rate; and a Trainer with only a model
    members = [(4, 0.01), (5, 0.04)]
    described += [{"model": USUAL, "seed": seed, "optimizer": {"name": "Adam", "lr": lr}} for seed, lr in members]
    described += [{"model": USUAL, "optimizer": {"name": "Adam"}, "batchSize": 32}]
    trained = []
    for row in described:
        row = {"data": "series", "seed": 0, "epochs": 3, "batchSize": 4, "optimizer": {"name": "Adam", "lr": 0.02}, **row}
        given = samples(row, series, sequences)
        run, exact = [training.run(row, *given, dtype=dtype) for dtype in (torch.float32, torch.float64)]
        check(row, run, exact, given)
        row |= {name: run[name] for name in ("losses", "lastLosses", "rates")}
        trained.append(row | {"weights": {name: recurrent.packed(value) for name, value in run["weights"].items()}})
    lists = {name: value.tolist() for name, value in sequences.items()}
    return {"series": series.tolist(), "sequences": lists, "rows": trained}


def check(row, run, exact, given):
    """Checks that every tensor changes, every option matters, and float64 agrees, so that rounding does not decide."""
    # with a head on the last step this direction runs a single step from a zero state
    top = f"weight_hh_l{row['model'].get('numLayers', 1) - 1}_reverse"
    for name, value in run["weights"].items():
        still = name.endswith(top) and row["model"].get("head", "last") == "last"
        moved = apart(exact["weights"][name], exact["initial"][name])
        assert still or moved > 1e-4, (row, name, moved)
        assert apart(value, exact["weights"][name]) < 2e-5 * moved + 5e-7, (row, name)
    for loss, wanted in zip(run["losses"], exact["losses"]):
        assert abs(loss - wanted) < 1e-5 * wanted, (row, run["losses"], exact["losses"])
    for part in ("optimizer", "loss", "schedule", "clip"):
        for option in set(row.get(part, {})) - NEEDED:
            without = {**row, part: {key: value for key, value in row[part].items() if key != option}}
            if row[part] in IDLE or without[part].get("nesterov"):
                continue
            other = training.run(without, *given, dtype=torch.float64)["weights"]
            assert max(apart(value, other[name]) for name, value in exact["weights"].items()) > 1e-4, (row, option)


def apart(one, other):
    return float((one - other).abs().max())
