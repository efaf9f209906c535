"""The tutorial's training loop in PyTorch, timed: milliseconds per optimizer step, as one JSON line.

pytorch.py DEVICE STEPS BATCH [T I H L], with the scaled series, one value a line, on standard input; at sizes other than
the tutorial's any values do.
"""
import json
import sys
import time

import torch
import torch.nn as nn

device, steps, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
T, I, H, L = (int(size) for size in sys.argv[4:8]) if len(sys.argv) > 4 else (10, 1, 32, 1)
series = torch.tensor([float(line) for line in sys.stdin if line.strip()], dtype=torch.float32)
torch.set_num_threads(1)
torch.manual_seed(0)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(I, H, L, batch_first=True)
        self.fc = nn.Linear(H, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.fc(out[:, -1, :])


model = Model().to(device)
criterion = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
if len(series):
    windows = series.unfold(0, 11, 1)
    batches = [
        (windows[k : k + batch, :10, None].to(device), windows[k : k + batch, 10:].to(device))
        for k in range(0, len(windows) - batch + 1, batch)
    ]
else:
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    batches = [(torch.randn(batch, T, I, device=device), torch.randn(batch, 1, device=device)) for _ in range(steps)]


def run(count):
    for k in range(count):
        x, y = batches[k % len(batches)]
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    return loss.item()


run(max(20, steps // 10) if len(series) else 1)
start = time.perf_counter()
run(steps)
print(json.dumps({"msPerStep": (time.perf_counter() - start) * 1e3 / steps, "version": torch.__version__}))
