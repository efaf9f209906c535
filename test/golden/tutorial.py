"""The tutorial's job in PyTorch: scale, cut windows, train on the first 80%, score one-step forecasts."""
import numpy as np
import torch
from sklearn.metrics import mean_absolute_error, mean_squared_error
from sklearn.preprocessing import MinMaxScaler
from torch import nn


class Forecast(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.lstm = nn.LSTM(input_size=1, hidden_size=hidden, batch_first=True)
        self.fc = nn.Linear(hidden, 1)

    def forward(self, windows):
        states, _ = self.lstm(windows)
        return self.fc(states[:, -1])


def run(values, *, hidden, window, seed, epochs, batch, scaler_fit):
    torch.manual_seed(seed)
    num_samples = len(values) - window
    num_train = int(0.8 * num_samples)
    column = values.reshape(-1, 1)
    scaler = MinMaxScaler(feature_range=(-1, 1)).fit(column if scaler_fit == "all" else column[: num_train + window])
    scaled = torch.from_numpy(scaler.transform(column)).float()
    windows = torch.stack([scaled[k : k + window] for k in range(num_samples)])
    targets = scaled[window:]

    model = Forecast(hidden)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    losses, last_losses = [], []
    for _ in range(epochs):
        total = 0.0
        for first in range(0, num_train, batch):
            rows = slice(first, min(first + batch, num_train))
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(windows[rows]), targets[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * (rows.stop - rows.start)
        losses.append(round_to(total / num_train, 9))
        last_losses.append(round_to(loss.item(), 9))

    with torch.no_grad():
        predicted = scaler.inverse_transform(model(windows[num_train:]).double().numpy()).ravel()
    actual = values[num_train + window :]
    naive = values[num_train + window - 1 : -1]
    mae = mean_absolute_error(actual, predicted)
    scale = np.abs(np.diff(values[: num_train + window])).mean()
    settings = {"seed": seed, "hidden": hidden, "window": window, "epochs": epochs, "batch": batch}
    return settings | {
        "scalerFit": scaler_fit,
        "loss": losses,
        "lastLoss": last_losses,
        "metrics": {
            "rmse": round_to(mean_squared_error(actual, predicted, squared=False), 9),
            "mae": round_to(mae, 9),
            "mase": round_to(mae / scale, 9),
            "naiveRmse": round_to(mean_squared_error(actual, naive, squared=False), 9),
            "naiveMae": round_to(mean_absolute_error(actual, naive), 9),
        },
        "predictedFirst": [round_to(value, 9) for value in predicted[:3]],
        "predictedLast": [round_to(value, 9) for value in predicted[-3:]],
    }


def round_to(value, digits):
    """Rounded to `digits` significant digits."""
    return float(f"{value:.{digits}g}")
