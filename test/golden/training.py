"""One whole training run in PyTorch, with the options of our Trainer. Options that are not given are left to PyTorch."""
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import dropout


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

    def forward(self, x, lengths, masks=None):
        rnn = getattr(self, self.name)
        if masks:
            output = dropout.forward(rnn, x, lengths, masks)
        else:
            packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            output, _ = pad_packed_sequence(rnn(packed)[0], batch_first=True, total_length=x.shape[1])
        if self.head == "every":
            return self.fc(output)
        return self.fc(output[torch.arange(len(x)), lengths - 1])


def quantile_loss(y, target, quantiles, reduction):
    error = target.unsqueeze(-1) - y.reshape(*target.shape, len(quantiles))
    q = torch.tensor(quantiles)
    loss = torch.maximum(q * error, (q - 1) * error)
    return loss.mean() if reduction == "mean" else loss.sum()


def run(
    case, inputs, targets, lengths=None, *, weights=None, orders=None, validation=None, dtype=torch.float32, scale=1
):
    """Trains a model from the weights of case["seed"], or from those given.

    inputs [S, T, I], targets [S, K] or [S, T, K] or classes, lengths [S]; orders: the samples of every epoch, in the
    order in which they are visited; validation: other inputs, targets and lengths; scale other than 1: the same numbers except
    for rounding, as gradients are those of the scaled loss, divided by the scale, and the rows of a batch are in reverse
    order. Returns losses, last losses and rates of the epochs, the weights before and after, the number of steps.
    """
    config = case["model"]
    model = model_of(config, case.get("seed", 0))
    if weights is not None:
        model.load_state_dict(weights)
    model.to(dtype)
    samples = given_samples(inputs, targets, lengths, dtype)
    S = len(inputs)
    initial = {name: value.detach().clone() for name, value in model.named_parameters()}
    optimizer = optimizer_of(case.get("optimizer", {"name": "Adam"}), model.parameters())
    schedule, clip = case.get("schedule"), case.get("clip", {})
    scheduler = scheduler_of(schedule, optimizer) if schedule else None
    result = {"losses": [], "lastLosses": [], "rates": [], "validationLosses": [], "initial": initial}
    step = 0
    for epoch in range(case["epochs"]):
        order = torch.arange(S) if orders is None else orders[epoch]
        total = 0.0
        for rows in order.split(case["batchSize"]):
            places = torch.arange(len(rows))
            if scale != 1:
                rows, places = rows.flip(0), places.flip(0)
            masks = [mask[:, places] for mask in masks_of(case, inputs.shape[1], step)]
            loss = loss_of(case.get("loss", {"name": "mse"}), *outputs(model, *(part[rows] for part in samples), masks))
            optimizer.zero_grad()
            (scale * loss).backward()
            for value in model.parameters():
                value.grad /= scale
            if "norm" in clip:
                nn.utils.clip_grad_norm_(model.parameters(), clip["norm"])
            if "value" in clip:
                nn.utils.clip_grad_value_(model.parameters(), clip["value"])
            optimizer.step()
            step += 1
            rate = optimizer.param_groups[0]["lr"]
            if scheduler and schedule.get("per") == "step":
                scheduler.step()
            total += loss.item() * len(rows)
        result["losses"].append(total / S)
        result["lastLosses"].append(loss.item())
        result["rates"].append(rate)
        watched = total / S
        if validation:
            mean = {**case.get("loss", {"name": "mse"}), "reduction": "mean"}
            with torch.no_grad():
                watched = loss_of(mean, *outputs(model, *given_samples(*validation, dtype))).item()
            result["validationLosses"].append(watched)
        if schedule and schedule["name"] == "ReduceLROnPlateau":
            scheduler.step(watched)
        elif scheduler and schedule.get("per") != "step":
            scheduler.step()
    return result | {"weights": dict(model.named_parameters()), "steps": step}


def given_samples(inputs, targets, lengths, dtype):
    S, T, _ = inputs.shape
    lengths = torch.full((S,), T) if lengths is None else lengths
    return inputs.to(dtype), targets if targets.dtype == torch.int64 else targets.to(dtype), lengths


def masks_of(case, T, step):
    """Masks of dropout between the layers, for whole batches even if one has fewer rows."""
    config = case["model"]
    if not config.get("dropout"):
        return []
    features = (config.get("projSize") or config["hiddenSize"]) * (2 if config.get("bidirectional") else 1)
    shape = [T, case["batchSize"], features]
    layers = range(config.get("numLayers", 1) - 1)
    return [dropout.mask(config["dropout"], shape, case.get("seed", 0), layer, step) for layer in layers]


def outputs(model, inputs, targets, lengths, masks=None):
    """The model's outputs and the targets, only valid rows."""
    y = model(inputs, lengths, masks)
    if model.head == "last":
        return y, targets
    valid = torch.arange(inputs.shape[1]) < lengths[:, None]
    return y[valid], targets[valid]


def model_of(config, seed):
    options = {"num_layers": config.get("numLayers", 1), "bidirectional": config.get("bidirectional", False)}
    options |= {"bias": config.get("bias", True)}
    if config.get("projSize"):
        options["proj_size"] = config["projSize"]
    sizes = [config["inputSize"], config["hiddenSize"], config.get("outputSize", 1)]
    torch.manual_seed(seed)
    return Model(config.get("cell", "LSTM"), *sizes, config.get("head", "last"), **options)


def given(options, *others):
    """Options by PyTorch's names."""
    left_out = ("name", *others)
    return {snake(key): value for key, value in options.items() if key not in left_out}


def optimizer_of(options, parameters):
    settings = given(options)
    if options["name"] == "SGD":
        settings = {"lr": 1e-3, **settings}  # required in PyTorch 1.13; the default since 2.1
    return getattr(torch.optim, options["name"])(parameters, **settings)


def scheduler_of(options, optimizer):
    kind = getattr(torch.optim.lr_scheduler, options["name"])
    if options["name"] == "SequentialLR":
        parts = [scheduler_of(part, optimizer) for part in options["schedules"]]
        return kind(optimizer, parts, options["milestones"])
    return kind(optimizer, **given(options, "per"))


def loss_of(options, y, target):
    """Of valid rows: y [rows, O], target [rows, K], or classes [rows]."""
    if options["name"] == "quantile":
        quantiles = options.get("quantiles", [0.1, 0.5, 0.9])
        return quantile_loss(y, target, quantiles, options.get("reduction", "mean"))
    kinds = {"mse": nn.MSELoss, "l1": nn.L1Loss, "huber": nn.HuberLoss, "smoothL1": nn.SmoothL1Loss}
    return {**kinds, "crossEntropy": nn.CrossEntropyLoss}[options["name"]](**given(options))(y, target)


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def snake(name):
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).replace("t_max", "T_max")
