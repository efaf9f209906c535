"""Ten steps of every optimizer, gradient clipping, losses and learning-rate schedules, one at a time."""
import torch
from torch import nn
from training import camel, quantile_loss

STEPS = 10


def optimizer_case(flat, kind, P, **settings):
    weights = torch.randn(P).requires_grad_()
    case = {"name": kind, "options": {camel(key): value for key, value in settings.items()}}
    case |= {"P": P, "weights": flat(weights), "grads": []}
    optimizer = getattr(torch.optim, kind)([weights], **settings)
    for _ in range(STEPS):
        # gradients of very different sizes, one of them always zero
        weights.grad = torch.randn(P) * 10 ** torch.linspace(-6, 3, P)
        weights.grad[0] = 0
        case["grads"].append(flat(weights.grad))
        optimizer.step()
    kept = {name: value for name, value in optimizer.state[weights].items() if name != "step" and value is not None}
    return case | {"after": flat(weights), "state": {name: flat(value) for name, value in kept.items()}}


def optimizers(flat):
    torch.manual_seed(3)
    case = lambda kind, P, **settings: optimizer_case(flat, kind, P, **settings)
    return [
        case("Adam", 7, lr=1e-3),
        case("Adam", 65, lr=1e-2, betas=(0.8, 0.95), eps=1e-6),
        case("Adam", 17, lr=1e-2, weight_decay=0.1, amsgrad=True),
        case("AdamW", 17, lr=1e-2, weight_decay=0.1),
        case("AdamW", 65, lr=1e-2, weight_decay=0.01, amsgrad=True),
        case("SGD", 17, lr=0.1),
        case("SGD", 65, lr=0.05, momentum=0.9, dampening=0.3, weight_decay=0.01),
        case("SGD", 17, lr=0.05, momentum=0.9, nesterov=True),
        case("RMSprop", 17, lr=0.01),
        case("RMSprop", 65, lr=0.01, alpha=0.9, weight_decay=0.05, momentum=0.8),
        case("RMSprop", 17, lr=0.01, alpha=0.95, centered=True, momentum=0.5),
    ]


def clip_case(flat, P, **limit):
    grads = torch.randn(P) * 10 ** torch.linspace(-3, 1, P)
    weights = torch.zeros(P).requires_grad_()
    weights.grad = grads.clone()
    if "norm" in limit:
        nn.utils.clip_grad_norm_([weights], limit["norm"])
    else:
        nn.utils.clip_grad_value_([weights], limit["value"])
    return {"P": P, **limit, "grads": flat(grads), "clipped": flat(weights.grad)}


def clips(flat):
    torch.manual_seed(4)
    return [
        clip_case(flat, 1, norm=0.01),
        clip_case(flat, 67, norm=1.0),
        clip_case(flat, 67, norm=1e6),
        clip_case(flat, 5000, norm=2.0),
        clip_case(flat, 67, value=0.5),
        clip_case(flat, 1, value=1e6),
    ]


def loss_case(flat, name, N, T, O, reduction, rows, lengths, **options):
    """T steps of N rows, of which `rows` count, each up to its own length; PyTorch gets only the valid ones."""
    Q = len(options.get("quantiles", [0]))
    y = torch.randn(T, N, O).requires_grad_()
    valid = (torch.arange(T)[:, None] < torch.tensor(lengths)) & (torch.arange(N) < rows)
    if name == "crossEntropy":
        target = torch.randint(0, O, (T, N))
        loss = nn.CrossEntropyLoss(reduction=reduction)(y[valid], target[valid])
    else:
        target = torch.randn(T, N, O // Q)
        target[0, 0, 0] = y[0, 0, 0].detach()  # an error of zero
        functions = {
            "mse": nn.MSELoss(reduction=reduction),
            "l1": nn.L1Loss(reduction=reduction),
            "huber": nn.HuberLoss(reduction=reduction, delta=options.get("delta", 1.0)),
            "smoothL1": nn.SmoothL1Loss(reduction=reduction, beta=options.get("beta", 1.0)),
        }
        if name == "quantile":
            target[0, 0, 0] += 1
            loss = quantile_loss(y[valid], target[valid], options["quantiles"], reduction)
        else:
            loss = functions[name](y[valid], target[valid])
    loss.backward()
    case = {"loss": {"name": name, "reduction": reduction, **options}, "N": N, "T": T, "O": O, "rows": rows}
    case |= {"lengths": lengths, "y": flat(y), "target": flat(target.float())}
    return case | {"value": float(loss.detach()), "d_y": flat(y.grad)}


def losses(flat):
    torch.manual_seed(5)
    cases = []
    for name, options in [
        ("mse", {}),
        ("l1", {}),
        ("huber", {"delta": 0.7}),
        ("smoothL1", {"beta": 0.4}),
        ("crossEntropy", {}),
        ("quantile", {"quantiles": [0.1, 0.5, 0.9]}),
    ]:
        O = 3 if name == "quantile" else 2
        for reduction in ("mean", "sum"):
            cases.append(loss_case(flat, name, 3, 1, O, reduction, 2, [1, 1, 1], **options))
            cases.append(loss_case(flat, name, 5, 4, 2 * O, reduction, 5, [4, 1, 3, 2, 4], **options))
        cases.append(loss_case(flat, name, 1, 1, O if name == "quantile" else 1, "mean", 1, [1], **options))
        cases.append(loss_case(flat, name, 67, 5, O, "mean", 65, [1 + n % 5 for n in range(67)], **options))
    return cases


COUNTS = 40
PLATEAU = [1.0, 0.9, 0.95, 0.93, 0.92, 0.91, 0.9, 0.899999, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7] + [0.7] * 22


def schedules():
    lr_scheduler = torch.optim.lr_scheduler
    step = lambda **settings: lambda optimizer: lr_scheduler.StepLR(optimizer, **settings)
    cosine = lambda **settings: lambda optimizer: lr_scheduler.CosineAnnealingLR(optimizer, **settings)
    linear = lambda **settings: lambda optimizer: lr_scheduler.LinearLR(optimizer, **settings)
    plateau = lambda **settings: lambda optimizer: lr_scheduler.ReduceLROnPlateau(optimizer, **settings)
    described = [
        ({"name": "StepLR", "stepSize": 3, "gamma": 0.5}, step(step_size=3, gamma=0.5)),
        ({"name": "StepLR", "stepSize": 10}, step(step_size=10)),
        ({"name": "CosineAnnealingLR", "tMax": 12, "etaMin": 0.001}, cosine(T_max=12, eta_min=0.001)),
        ({"name": "CosineAnnealingLR", "tMax": 40}, cosine(T_max=40)),
        ({"name": "LinearLR"}, linear()),
        ({"name": "LinearLR", "startFactor": 0.1, "endFactor": 0.8, "totalIters": 17},
         linear(start_factor=0.1, end_factor=0.8, total_iters=17)),
        ({"name": "ReduceLROnPlateau", "patience": 2}, plateau(patience=2)),
        ({"name": "ReduceLROnPlateau", "factor": 0.5, "patience": 1, "cooldown": 3, "minLr": 0.01},
         plateau(factor=0.5, patience=1, cooldown=3, min_lr=0.01)),
        ({"name": "ReduceLROnPlateau", "patience": 0, "threshold": 0.05, "thresholdMode": "abs", "eps": 1e-3},
         plateau(patience=0, threshold=0.05, threshold_mode="abs", eps=1e-3)),
    ]  # fmt: skip
    cases = []
    for options, create in described:
        optimizer = torch.optim.SGD([torch.zeros(1).requires_grad_()], lr=0.1)
        scheduler = create(optimizer)
        rates = []
        for k in range(COUNTS):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step(PLATEAU[k]) if options["name"] == "ReduceLROnPlateau" else scheduler.step()
        cases.append({"options": options, "rates": rates})
    return {"base": 0.1, "losses": PLATEAU, "cases": cases}
