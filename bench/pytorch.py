"""A training loop in PyTorch, timed; its results are JSON lines.

pytorch.py DEVICE STEPS BATCH: milliseconds per optimizer step of the tutorial's loop, with the scaled series, one value a line, on
    standard input. With T I H L as well: the same at other sizes, on any values.
pytorch.py DEVICE rows SECONDS: microseconds in each of a few rounds of every row on standard input, each a JSON line: a training step
    {"N", "T", "I", "H", "L"}, without and with a CUDA graph, or a product {"M", "N", "K"}. Ends at the row that is reached after SECONDS.
"""
import json
import sys
import time

import torch
import torch.nn as nn

torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
ROUNDS = 5
ROUND_S = 0.05


class Model(nn.Module):
    def __init__(self, I, H, L):
        super().__init__()
        self.lstm = nn.LSTM(I, H, L, batch_first=True)
        self.fc = nn.Linear(H, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1, :])


def eager(device, batches, sizes):
    """A function that trains a new model for some steps, and waits for them."""
    torch.manual_seed(0)
    model = Model(*sizes).to(device)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def run(count):
        for k in range(count):
            x, y = batches[k % len(batches)]
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        return loss.item()

    return run


def graphed(batch, sizes):
    """The same, with each step one replay of a CUDA graph."""
    torch.manual_seed(0)
    model = Model(*sizes).cuda()
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, capturable=True, fused=True)
    x, y = batch

    def step():
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()

    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            optimizer.zero_grad(set_to_none=True)
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    optimizer.zero_grad(set_to_none=True)
    with torch.cuda.graph(graph):
        step()

    def run(count):
        for _ in range(count):
            graph.replay()
        torch.cuda.synchronize()

    return run


def heater(device):
    """A function that keeps a card at its full clock, which it leaves within milliseconds."""
    if device == "cpu":
        return lambda: None
    a = torch.randn(4096, 4096, device=device)

    def heat(count=12):
        for _ in range(count):
            a @ a
        torch.cuda.synchronize()

    heat(200)
    return heat


def microseconds(run, heat):
    """Per step, in each round, after a heating one."""
    run(3)
    start = time.perf_counter()
    run(3)
    count = max(3, min(2000, int(3 * ROUND_S / (time.perf_counter() - start))))
    rounds = []
    for _ in range(ROUNDS):
        heat()
        start = time.perf_counter()
        run(count)
        rounds.append((time.perf_counter() - start) * 1e6 / count)
    return rounds


def product(device, M, N, K):
    a, b = torch.randn(M, K, device=device), torch.randn(K, N, device=device)

    def run(count):
        for _ in range(count):
            a @ b
        if device != "cpu":
            torch.cuda.synchronize()

    return run


def time_row(device, row, heat):
    if "K" in row:
        return {"product": microseconds(product(device, row["M"], row["N"], row["K"]), heat)}
    N, T, I = row["N"], row["T"], row["I"]
    sizes = I, row["H"], row["L"]
    batches = [(torch.randn(N, T, I, device=device), torch.randn(N, 1, device=device)) for _ in range(4)]
    times = {"eager": microseconds(eager(device, batches, sizes), heat)}
    if device != "cpu":
        times["graph"] = microseconds(graphed(batches[0], sizes), heat)
    return times


def time_rows(device, seconds):
    end = time.perf_counter() + seconds
    name = torch.cuda.get_device_name(0) if device != "cpu" else "cpu"
    heat = heater(device)
    print(json.dumps({"version": torch.__version__, "device": name}), flush=True)
    for line in sys.stdin:
        if time.perf_counter() > end:
            break
        try:
            times = time_row(device, json.loads(line), heat)
        except RuntimeError as error:
            times = {"error": str(error)[:200]}
        print(json.dumps(times), flush=True)


def time_loop(device, steps, batch, sizes):
    torch.set_num_threads(1)
    T, I, H, L = sizes or (10, 1, 32, 1)
    series = torch.tensor([float(line) for line in sys.stdin if line.strip()], dtype=torch.float32)
    if len(series):
        windows = series.unfold(0, 11, 1)
        batches = [
            (windows[k : k + batch, :10, None].to(device), windows[k : k + batch, 10:].to(device))
            for k in range(0, len(windows) - batch + 1, batch)
        ]
    else:
        batches = [(torch.randn(batch, T, I, device=device), torch.randn(batch, 1, device=device)) for _ in range(steps)]
    run = eager(device, batches, (I, H, L))
    run(max(20, steps // 10) if len(series) else 1)
    start = time.perf_counter()
    run(steps)
    print(json.dumps({"msPerStep": (time.perf_counter() - start) * 1e3 / steps, "version": torch.__version__}))


if sys.argv[2] == "rows":
    time_rows(sys.argv[1], float(sys.argv[3]))
else:
    time_loop(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), [int(size) for size in sys.argv[4:8]])
