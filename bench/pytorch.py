"""The tutorial's training loop in PyTorch, timed: milliseconds per optimizer step, as one JSON line.

pytorch.py DEVICE STEPS BATCH, with the scaled series, one value a line, on standard input.
"""
import json
import sys
import time

import torch
import torch.nn as nn

device, steps, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
series = torch.tensor([float(line) for line in sys.stdin], dtype=torch.float32)
torch.set_num_threads(1)
torch.manual_seed(0)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 32, batch_first=True)
        self.fc = nn.Linear(32, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1, :])


model = Model().to(device)
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
windows = series.unfold(0, 11, 1)
batches = [
    (windows[k : k + batch, :10, None].to(device), windows[k : k + batch, 10:].to(device))
    for k in range(0, len(windows) - batch + 1, batch)
]


def run(count):
    for k in range(count):
        x, y = batches[k % len(batches)]
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    return loss.item()


run(max(20, steps // 10))
start = time.perf_counter()
run(steps)
print(json.dumps({"msPerStep": (time.perf_counter() - start) * 1e3 / steps, "version": torch.__version__}))
